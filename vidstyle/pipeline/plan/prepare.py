"""Preparation of a job before it is painted: resolution, keys, checks of the output, loading of photos."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from vidstyle.errors import OutputError, quoted, reason
from vidstyle.imaging.types import Image
from vidstyle.media.encode.audio_trial import check_audio
from vidstyle.media.encode.writer import check_output
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.reader import Rendering, read_photo, read_photo_isolated
from vidstyle.media.photo.writer import check_photo_output
from vidstyle.media.video.probe import Kind
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.keys import Keys, keys_of
from vidstyle.pipeline.plan.survey import JobSpec, resolve
from vidstyle.pipeline.work.ledger import Ledger


def check_output_writable(spec: JobSpec) -> None:
    """Refuse an output that cannot be written, before any work is done.

    Raises
    ------
    OutputError
        Its folder cannot be made or written, or its name is too long.
    UsageError
        Its ending is not that of a supported format.
    EncodeError
        ffmpeg is missing, or cannot write it.
    """
    job, folder = spec.job, spec.job.output.parent
    try:
        if job.makes_folder:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(
            f"the folder {quoted(folder)} cannot be made: {reason(exc)}; choose another."
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
        check_output(job.output, spec.size, job.options.encode)
        check_audio(job.output, spec.video, spec.start, spec.stop)


def check_may_replace(job: Job, ledger: Ledger, key: str) -> None:
    """Refuse an existing output that this request did not make, unless `overwrite` is set.

    Raises
    ------
    OutputError
        There is such a file.
    """
    if ledger.is_made(job.output, key):
        return
    if job.output.is_dir():
        raise OutputError(
            f"{quoted(job.output)} is an existing folder, and folders are never replaced; choose another "
            "name, or remove it."
        )
    if job.output.exists() and not job.overwrite:
        raise OutputError(
            f"{quoted(job.output)} already exists and was not made by this request; choose another name, or "
            "add --overwrite."
        )


@dataclass
class Ledgers:
    """Ledgers of a run's output folders, each opened once."""

    _known: dict[Path, Ledger] = field(default_factory=dict)

    def of(self, output: Path) -> Ledger:
        """Open the ledger of an output's folder."""
        folder = output.parent
        if folder not in self._known:
            self._known[folder] = Ledger(folder)
        return self._known[folder]


@dataclass(frozen=True)
class Prepared:
    """A job that is ready to be painted."""

    spec: JobSpec
    keys: Keys
    is_made: bool
    """Whether the same request has already made the output."""
    photo: Image | None = None
    """The photo to paint, [H, W, 3], where it is loaded ahead."""


def prepare(job: Job, ledgers: Ledgers) -> Prepared:
    """Resolve a job, check its output, and compute its keys.

    Raises
    ------
    VidstyleError
        Whatever keeps the job from being painted.

    """
    if job.fault:
        raise job.fault
    spec = resolve(job)
    check_output_writable(spec)
    ledger = ledgers.of(job.output)
    keys = keys_of(spec, ledger)
    return Prepared(spec, keys, ledger.is_made(job.output, keys.result))


def prepare_ahead(jobs: Sequence[Job], ledgers: Ledgers) -> Iterator[Prepared | None]:
    """Prepare photos before their turn, and load those that are to be painted.

    None stands for a job that is prepared in its turn. A video is: probing it may take long, and a request to
    stop would wait for it.
    """
    # To load a single photo in another process would take longer than to load it here.
    read = read_photo_isolated if len(jobs) > 1 else read_photo
    for job in jobs:
        try:
            yield None if job.kind is Kind.FILM or job.fault else _prepare_photo(job, ledgers, read)
        except Exception:  # noqa: BLE001 - not even an unforeseen fault stops a batch.
            yield None  # It is raised again in its turn, and reported there.


def _prepare_photo(
    job: Job, ledgers: Ledgers, read: Callable[[Path, FrameSize, Rendering], Image]
) -> Prepared:
    prepared = prepare(job, ledgers)
    if prepared.is_made or (job.output.exists() and not job.overwrite):
        return prepared
    return replace(prepared, photo=read(job.input, prepared.spec.size, prepared.spec.rendering))
