"""What would keep a job from being done is said before its first frame is painted."""

from vidstyle.errors import OutputError, quoted, reason
from vidstyle.media.encode.writer import check_output
from vidstyle.media.photo.writer import check_photo_output
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.survey import Survey
from vidstyle.pipeline.work.ledger import Ledger


def check_place_of(job: Job, measures: Survey) -> None:
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
    if measures.video is None:
        check_photo_output(job.output)
    else:
        check_output(job.output, measures.frame, job.options.encode)


def check_free(job: Job, ledger: Ledger, key: str) -> None:
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
