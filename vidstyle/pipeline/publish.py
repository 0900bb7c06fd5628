"""Publication of a result: painted frames are encoded, and the finished file is put in its place."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from vidstyle.errors import OutputError, WorkdirError, quoted, reason
from vidstyle.imaging.types import FrameSource
from vidstyle.media.encode.writer import write_film
from vidstyle.media.frame_png import read_frame
from vidstyle.media.photo.writer import write_photo
from vidstyle.pipeline.compositing import composited_frames, compositing_of
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.provenance import command_of
from vidstyle.pipeline.work.ledger import Ledger
from vidstyle.pipeline.work.workdir import Workdir, count_existing


def encode(spec: JobSpec, source: FrameSource, work: Workdir, should_stop: Callable[[], bool]) -> Path:
    """Encode the painted frames of a job to a file in its work folder.

    Raises
    ------
    Interrupted
        `should_stop` said so.
    VidstyleError
        Reading, compositing or encoding failed.

    """
    job = spec.job
    made = work.path / f"result{job.output.suffix.lower()}"
    compositing = compositing_of(job.options, job.styles)
    with composited_frames(
        compositing,
        work,
        source,
        spec.indices,
        video=spec.video,
        cover=spec.masks.cover,
        should_stop=should_stop,
    ) as frames:
        if spec.video is None:
            strip, note = job.options.photo.strip_metadata, command_of(job.input, job.styles, job.options)
            image = read_frame(frames / work.frame(0).name)
            write_photo(made, image, spec.rendering, like=job.input, strip=strip, note=note)
        else:
            write_film(
                frames,
                made,
                spec.video,
                spec.size,
                spec.start,
                spec.stop,
                encode=job.options.encode,
                note=command_of(job.input, job.styles, job.options),
                should_stop=should_stop,
            )
    return made


def publish(made: Path, output: Path, ledger: Ledger, key: str) -> None:
    """Put a finished file in its place at once; a crash leaves either nothing or all of it, known.

    Raises
    ------
    OutputError
        It cannot be put there.

    """
    try:
        if output.is_dir():
            shutil.rmtree(output)  # It is this request's own, or `check_may_replace` would have refused.
        ledger.note(output, made, key)
        made.replace(output)
    except OSError as exc:
        raise OutputError(f"{quoted(output)} cannot be written: {reason(exc)}; choose another name.") from exc


def sweep(output: Path, key: str) -> None:
    """Remove the work folder of a run that was killed just after it had published its output."""
    if count_existing(output, key) is not None:
        with suppress(WorkdirError), Workdir(output, key) as work:
            work.finish()
