"""Requests of the command line: inputs, lists and files of jobs, planned as jobs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vidstyle.cli.exit_codes import NO_INPUT, NO_STYLE
from vidstyle.cli.job_files import read_jobs, read_list
from vidstyle.cli.parameters import BatchOptions, RunOptions
from vidstyle.errors import UsageError
from vidstyle.events import Observer
from vidstyle.options.groups import Options
from vidstyle.options.style import Style
from vidstyle.options.text import to_text

if TYPE_CHECKING:  # Slow to import, and not needed for the help.
    from vidstyle.pipeline.plan.jobs import Job


def plan_jobs(
    inputs: Sequence[Path],
    styles: Sequence[Style],
    options: Options,
    batch: BatchOptions,
    run: RunOptions,
    observer: Observer,
) -> "Sequence[Job]":
    """Plan a job for each input, and for each style of `--styles`.

    Raises
    ------
    UsageError
        There is no input or no style, or options contradict each other.
    VidstyleError
        An input cannot be painted as requested.

    """
    from vidstyle.pipeline.plan.albums import scan_folder  # noqa: PLC0415
    from vidstyle.pipeline.plan.jobs import Request, plan_all  # noqa: PLC0415
    from vidstyle.pipeline.plan.naming import OutputNaming  # noqa: PLC0415

    naming = OutputNaming(
        overwrite=run.overwrite,
        recursive=batch.recursive,
        photo_format=batch.format and batch.format.removeprefix("."),
        name=batch.name,
        each_style=batch.styles is not None,
    )
    if batch.styles is not None:
        if styles:
            raise UsageError("--style and --styles cannot be combined; omit one of them.")
        styles = [Style(found.path) for found in scan_folder(batch.styles, ()).found if found.fault is None]
    listed = [*inputs, *(read_list(batch.list) if batch.list else ())]
    requests = [
        Request(
            inputs=job.inputs,
            styles=job.styles or styles,
            output=job.output or run.output,
            options=job.options,
            whole=bool(job.output),
        )
        for job in (read_jobs(batch.jobs, options) if batch.jobs else ())
    ]
    if listed:
        requests.insert(0, Request(inputs=listed, styles=styles, output=run.output, options=options))
    if not requests:
        raise UsageError(NO_INPUT)
    if not all(request.styles for request in requests):
        raise UsageError(NO_STYLE)
    return plan_all(requests, naming, observer)


def to_config(
    inputs: Sequence[Path], styles: Sequence[Style], options: Options, run: RunOptions
) -> dict[str, str | bool | list[str]]:
    """Convert a request to the values of a file for `--config`."""
    files: dict[str, str | bool | list[str]] = {
        "input": [str(path) for path in inputs],
        "style": [str(style) for style in styles if style.at is None],
        "style-at": [str(style) for style in styles if style.at is not None],
        "output": str(run.output) if run.output else "",
    }
    return {key: value for key, value in files.items() if value} | to_text(options)
