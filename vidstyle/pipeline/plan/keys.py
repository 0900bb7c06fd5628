"""Keys of a job: hashes of all that decides its frames, and of all that decides its result."""

import dataclasses
import hashlib
import json
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from vidstyle._version import __version__
from vidstyle.errors import InputError, quoted, reason
from vidstyle.media.photo.raw import development_of
from vidstyle.media.video.image_sequence import is_sequence, list_sequence
from vidstyle.options.groups import Options
from vidstyle.options.media import ColorMatrix
from vidstyle.options.style import Colors, Style
from vidstyle.pipeline.compositing import compositing_of
from vidstyle.pipeline.flow_source import FlowFiles, open_flow
from vidstyle.pipeline.painters.registry import painter_type
from vidstyle.pipeline.plan.given import digest_of
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.work.ledger import Ledger


class Keys(NamedTuple):
    """Hashes by which a job's work folder and its output are recognised."""

    frames: str
    """Hash of all that decides the painted frames."""
    result: str
    """Hash of all that decides the bytes of the output."""


def keys_of(spec: JobSpec, ledger: Ledger) -> Keys:
    """Compute the keys of a job.

    They cover the contents of input, styles and weights, the range, every option that changes a pixel, and
    vidstyle's major and minor version. The device is left out, so that a run may be resumed on another one.

    Raises
    ------
    InputError
        A file cannot be read.

    """
    job, options = spec.job, spec.job.options
    encoding: dict[str, Any] = {
        "encode": settings(options)["encode"],
        "ending": job.output.suffix.lower(),
    }
    content: dict[str, Any] = {
        "version": __version__.split(".")[:2],
        "input": [_content_hash(path, ledger) for path in job.stills or (job.input,)],
        "styles": [_style_content(style, ledger) for style in job.styles],
        "range": [spec.start, spec.stop],
        "shots": spec.shots or "auto",
        "size": [spec.size.width, spec.size.height],
        "options": _decisive_options(spec, ledger),
    }
    if spec.video is None:  # The format of a photo's output decides the colours it is painted in.
        content |= encoding
    elif spec.video.alpha:  # As does, for a video, whether its codec keeps transparency.
        content["alpha"] = spec.video.keeps_alpha
    if spec.video and spec.video.assumed_matrix not in {None, ColorMatrix.BT601}:
        content["matrix"] = spec.video.color.matrix
    later = dataclasses.asdict(compositing_of(options, job.styles)) | {"given": digest_of(spec.given)}
    return Keys(_hash(content), _hash(content | encoding | later))


def _decisive_options(spec: JobSpec, ledger: Ledger) -> dict[str, Any]:
    """Select the options that decide the painted frames, with files by their contents."""
    options = spec.job.options
    decisive = settings(options)
    # Size, range, matrix, precision and weights are resolved values of the key, whichever way they were asked
    # for; encoding and compositing come after painting.
    for group in ("machine", "source", "encode"):
        del decisive[group]
    del decisive["pictures"]["color_matrix"]
    del decisive["style"]["strength"], decisive["style"]["strength_at"]
    # Another keyframe decides its shot alone, whose frames are then discarded.
    del decisive["motion"]["keyframe"]
    if options.style.colors is Colors.SOURCE:  # Painted as in the style's colours.
        decisive["style"]["colors"] = Colors.STYLE.value
    flow = open_flow(options.motion, spec.size) if spec.video else None
    if isinstance(flow, FlowFiles):
        digest = flow.digest(spec.start, spec.stop)
        decisive["motion"] = {"options": decisive["motion"] | {"flow": digest}}
    if options.paint.init.file:
        decisive["paint"]["init"] = _content_hash(options.paint.init.file, ledger)
    painter = painter_type(options)
    if painter.paints:
        for name, path in (("mask", options.style.mask), ("protect", options.style.protect)):
            decisive["style"][name] = _mask_hashes(path, ledger)
        decisive |= painter.identity(options)
    return decisive


def _style_content(style: Style, ledger: Ledger) -> tuple[str, float, list[str] | None, str]:
    image, mask = _content_hash(style.picture, ledger), _mask_hashes(style.mask, ledger)
    return image, style.weight, mask, str(style.at or "")


def _mask_hashes(path: Path | None, ledger: Ledger) -> list[str] | None:
    """Hash each file of a mask."""
    if path is None:
        return None
    files = list_sequence(path) if is_sequence(path) else (path,)
    return [_content_hash(file, ledger) for file in files]


def _content_hash(path: Path, ledger: Ledger) -> str:
    try:
        digest = ledger.content_hash(path, _sha256)
        # A RAW photo's pixels are decided by what develops it, too.
        return f"{digest} {development}" if (development := development_of(path)) else digest
    except OSError as exc:
        raise InputError(f"{quoted(path)} cannot be read ({reason(exc)}); check its permissions.") from exc


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


def settings(options: Options) -> dict[str, Any]:
    """Convert options to plain values, as JSON has them."""
    return {key: _to_plain(value) for key, value in dataclasses.asdict(options).items()}


def _to_plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_to_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path | Fraction) else value
