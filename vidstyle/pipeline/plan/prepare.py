"""What is known of a job before its turn: its measures, its keys, whether it is done, and its photo, loaded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import OutputError, quoted, reason
from vidstyle.media.encode.writer import check_output
from vidstyle.media.photo.reader import read_photo
from vidstyle.media.photo.writer import check_photo_output
from vidstyle.media.video.probe import Kind
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.keys import Keys, keys_of
from vidstyle.pipeline.plan.survey import JobSpec, resolve
from vidstyle.pipeline.work.ledger import Ledger


def check_output_writable(job: Job, spec: JobSpec) -> None:
    """Say before any work is done what would keep the output from being written.

    Raises
    ------
    OutputError
        Its folder cannot be made or written, or its name is too long.
    UsageError
        Its ending is none that it can be written to.
    EncodeError
        ffmpeg is missing, or cannot write it.
    """
    folder = job.output.parent
    try:
        if job.makes_folder:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(
            f"The folder {quoted(folder)} cannot be made: {reason(exc)}; choose another."
        ) from exc
    try:
        job.output.is_dir()
    except OSError as exc:  # Above all a name that is too long.
        raise OutputError(
            f"{quoted(job.output)} cannot be written: {reason(exc)}; choose another name with -o."
        ) from exc
    if spec.video is None:
        check_photo_output(job.output)
    else:
        check_output(job.output, spec.frame, job.options.encode)


def check_may_replace(job: Job, ledger: Ledger, key: str) -> None:
    """Refuse to replace what this request did not make, unless it is to be replaced.

    Raises
    ------
    OutputError
        There is such a file.
    """
    if ledger.made(job.output, key):
        return
    if job.output.is_dir():
        raise OutputError(
            f"{quoted(job.output)} is a folder that is there already, and none is ever replaced; choose another name, or remove it."
        )
    if job.output.exists() and not job.overwrite:
        raise OutputError(
            f"{quoted(job.output)} exists already and was not made by this request; choose another name, or add --overwrite."
        )


@dataclass
class Ledgers:
    """The ledgers of a run's output folders, each read once."""

    _known: dict[Path, Ledger] = field(default_factory=dict)

    def of(self, output: Path) -> Ledger:
        """Ledger of an output's folder."""
        folder = output.parent
        if folder not in self._known:
            self._known[folder] = Ledger(folder)
        return self._known[folder]


@dataclass(frozen=True)
class Prepared:
    """A job before its turn."""

    spec: JobSpec
    keys: Keys
    made: bool
    """Whether the output is there, made by the same request."""
    photo: NDArray[np.float32] | None = None
    """The photo to paint, [H, W, 3], where it was loaded ahead."""


def prepare(job: Job, ledgers: Ledgers) -> Prepared:
    """Measure a job, and see whether it is done.

    Raises
    ------
    VidstyleError
        Whatever keeps it from being painted.

    """
    if job.fault:
        raise job.fault
    spec = resolve(job)
    check_output_writable(job, spec)
    ledger = ledgers.of(job.output)
    keys = keys_of(job, spec, ledger)
    return Prepared(spec, keys, ledger.made(job.output, keys.result))


def prepared_ahead(jobs: Sequence[Job], ledgers: Ledgers) -> Iterator[Prepared | None]:
    """Prepare photos before their turn, and load those that are to be painted; None for whatever has to wait for it.

    A film is not looked into ahead: that may take long, and whoever stops the run would wait for it.
    """
    for job in jobs:
        try:
            if job.kind is Kind.FILM or job.fault:
                yield None
                continue
            found = prepare(job, ledgers)
            if found.made or (job.output.exists() and not job.overwrite):
                yield found
            else:
                photo = read_photo(job.input, found.spec.frame, found.spec.rendering)
                yield Prepared(found.spec, found.keys, made=False, photo=photo)
        except Exception:  # noqa: BLE001 - not even a fault that nobody thought of stops a batch.
            yield None  # It comes up again in its turn, and is named there.
