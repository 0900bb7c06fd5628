"""Names of what decides a job's frames, and of what decides its result."""

import dataclasses
import hashlib
import json
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from vidstyle._version import __version__
from vidstyle.errors import InputError, quoted, reason
from vidstyle.media.video.image_sequence import is_sequence, list_sequence
from vidstyle.neural.device.hardware import resolve_precision
from vidstyle.neural.vgg.weights import weights_checksum
from vidstyle.options.groups import Options, PainterKind
from vidstyle.options.style import Colors
from vidstyle.pipeline.compositing import compositing_of
from vidstyle.pipeline.flow_source import FlowFiles, open_flow
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.work.ledger import Ledger


def settings(options: Options) -> dict[str, Any]:
    """Options as plain values, for JSON."""
    return {key: _plain(value) for key, value in dataclasses.asdict(options).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path | Fraction) else value


class Keys(NamedTuple):
    """Names of what decides a job's frames, and of what decides its result."""

    frames: str
    result: str


def keys_of(job: Job, spec: JobSpec, ledger: Ledger) -> Keys:
    """Hash everything that decides the painted frames, and with it all that decides the bytes of the result.

    That is the contents of input, styles and weights, the range, every option that changes a pixel, and vidstyle's
    major and minor version. The device is not among them: a run may go on elsewhere.

    Raises
    ------
    InputError
        A file cannot be read.

    """
    options = job.options
    decisive = settings(options)
    # What these two come to is said below: the same frames of the same size are the same request.
    del decisive["machine"], decisive["source"]
    # How frames are put together does not change them.
    together: dict[str, Any] = {"encode": decisive.pop("encode"), "ending": job.output.suffix.lower()}
    # Nor does what is made of the painted ones.
    shown = dataclasses.asdict(compositing_of(options, job.styles))
    del decisive["style"]["strength"], decisive["style"]["strength_at"]
    if options.painter is PainterKind.VGG:
        for name, path in (("mask", options.style.mask), ("protect", options.style.protect)):
            decisive["style"][name] = _mask_hash(path, ledger)
    if options.style.colors is Colors.SOURCE:  # Painted as it would be in the style's.
        decisive["style"]["colors"] = Colors.STYLE.value
    flows = open_flow(options.motion, spec.frame) if spec.video else None
    if isinstance(flows, FlowFiles):
        # Their contents count, not where they lie.
        digest = flows.digest(spec.start, spec.stop)
        decisive["motion"] = {"options": _plain(dataclasses.asdict(options.motion) | {"flow": digest})}
    if options.paint.init.file:
        decisive["paint"]["init"] = _content_hash(options.paint.init.file, ledger)
    if options.painter is PainterKind.VGG:
        decisive["precision"] = resolve_precision(options.machine).value
        decisive["weights"] = weights_checksum(options.machine.weights, options.objective.network)
    content: dict[str, Any] = {
        "version": __version__.split(".")[:2],
        "input": [_content_hash(path, ledger) for path in job.stills or (job.input,)],
        "styles": [
            (
                _content_hash(style.picture, ledger),
                style.weight,
                _mask_hash(style.mask, ledger),
                str(style.at or ""),
            )
            for style in job.styles
        ],
        "range": [spec.start, spec.stop],
        "shots": spec.shots or "auto",
        "size": [spec.frame.width, spec.frame.height],
        "options": decisive,
    }
    if spec.video is None:  # What a photo's file can hold decides the colours it is painted in.
        content |= together
    elif spec.video.alpha:  # As does, for a film, whether its codec keeps transparency.
        content["alpha"] = spec.video.keeps_alpha
    return Keys(_hash(content), _hash(content | together | shown))


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


def _mask_hash(path: Path | None, ledger: Ledger) -> list[str] | None:
    """Hash of each file that a mask is made of."""
    if path is None:
        return None
    files = list_sequence(path) if is_sequence(path) else (path,)
    return [_content_hash(file, ledger) for file in files]


def _content_hash(path: Path, ledger: Ledger) -> str:
    try:
        return ledger.content_hash(path, _sha256)
    except OSError as exc:
        raise InputError(f"{quoted(path)} cannot be read ({reason(exc)}); check its permissions.") from exc


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
