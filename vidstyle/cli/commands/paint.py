"""Paints what was asked for: jobs to results, results to figures and an exit code."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidstyle import events as ev
from vidstyle._version import __version__
from vidstyle.cli.config_file import write_config
from vidstyle.cli.exit_codes import HELP, common_code, complain
from vidstyle.cli.job_files import read_jobs, read_list
from vidstyle.cli.parameters import BatchOptions, RunOptions
from vidstyle.cli.report.format import clock, count, forecast
from vidstyle.cli.report.plain import Quiet, choose
from vidstyle.cli.report.stats_file import StatsFile, as_json
from vidstyle.cli.signals import stoppable
from vidstyle.cli.streams import Stream
from vidstyle.errors import Interrupted, UsageError, VidstyleError
from vidstyle.options.groups import Options
from vidstyle.options.style import Style, files_of
from vidstyle.options.text import to_text


def paint_all(
    inputs: Sequence[Path], style: Sequence[Style], options: Options, batch: BatchOptions, run: RunOptions
) -> int:
    """Paint inputs; gives the exit code."""
    if run.dry_run and run.stats:
        raise UsageError("--stats has nothing to record in a --dry-run; leave one of the two away.")
    if run.write_config:
        write_config(run.write_config, _words(inputs, style, options, run))
    face = choose(quiet=run.quiet, log_json=run.log_json, iterations=options.paint.iterations)
    albums: list[ev.AlbumRead] = []

    def observe(event: ev.Event) -> None:
        if isinstance(event, ev.AlbumRead):
            albums.append(event)
        face(event)

    with face:
        jobs = _planned(inputs, style, options, batch, run, observe)
        if not run.dry_run:
            return _paint(jobs, options, batch, run, face, albums)
    return _foretell(jobs, run)


def _words(
    inputs: Sequence[Path], style: Sequence[Style], options: Options, run: RunOptions
) -> dict[str, str | bool | list[str]]:
    """All that decides what is painted, as a file of options has it."""
    words: dict[str, str | bool | list[str]] = {"input": [str(path) for path in inputs]}
    words["style"] = [str(one) for one in style if one.at is None]
    words["style-at"] = [str(one) for one in style if one.at is not None]
    if run.output:
        words["output"] = str(run.output)
    return {key: word for key, word in words.items() if word} | to_text(options)


def _planned(
    inputs: Sequence[Path],
    style: Sequence[Style],
    options: Options,
    batch: BatchOptions,
    run: RunOptions,
    observe: ev.Observer,
) -> Sequence[Any]:
    """Jobs of whatever was asked for."""
    from vidstyle.pipeline.plan.albums import scan_folder  # noqa: PLC0415
    from vidstyle.pipeline.plan.jobs import Request, plan_all  # noqa: PLC0415
    from vidstyle.pipeline.plan.naming import OutputNaming  # noqa: PLC0415

    layout = OutputNaming(
        overwrite=run.overwrite,
        recursive=batch.recursive,
        photo_format=batch.format and batch.format.removeprefix("."),
        name=batch.name,
        each_style=batch.styles is not None,
    )
    if batch.styles is not None:
        if style:
            raise UsageError("--style and --styles contradict each other; leave one of the two away.")
        style = [Style(found.path) for found in scan_folder(batch.styles, ()).found if found.fault is None]
    listed = [*inputs, *(read_list(batch.list) if batch.list else ())]
    requests = [
        Request(
            inputs=job.inputs,
            styles=job.styles or style,
            output=job.output or run.output,
            options=job.options,
            whole=bool(job.output),
        )
        for job in (read_jobs(batch.jobs, options) if batch.jobs else ())
    ]
    if listed:
        requests.insert(0, Request(inputs=listed, styles=style, output=run.output, options=options))
    if not requests:
        raise UsageError(f"nothing to paint was given; name a film, a photo or a folder. {HELP}.")
    if not all(request.styles for request in requests):
        raise UsageError("no style was given; add --style PICTURE, with any picture.")
    return plan_all(requests, layout, observe)


def _foretell(jobs: Sequence[Any], run: RunOptions) -> int:
    """Say of each job what it would take."""
    from vidstyle.pipeline.estimate.estimate import estimate  # noqa: PLC0415
    from vidstyle.pipeline.paint.painter_cache import PainterCache  # noqa: PLC0415

    out, codes, painters, seconds = Stream(sys.stdout), [], PainterCache(), 0.0
    for job in jobs:
        try:
            guess = estimate(job, painters)
        except VidstyleError as exc:
            codes.append(complain(exc, debug=run.debug))
            continue
        codes.append(0)
        seconds += guess.seconds or 0.0
        record = {"event": "Estimate", "input": str(job.input), "output": str(job.output), **as_json(guess)}
        out.line(json.dumps(record) if run.log_json else forecast(job.input, job.output, guess))
    if seconds and len(jobs) > 1 and not run.log_json:
        out.line(f"{count(len(jobs), 'job')}: at most {clock(seconds)} to paint")
    return common_code(codes)


def _paint(
    jobs: Sequence[Any],
    options: Options,
    batch: BatchOptions,
    run: RunOptions,
    face: Quiet,
    albums: Sequence[ev.AlbumRead],
) -> int:
    """Paint every job, and record what came of it."""
    taken = [path for job in jobs for path in (job.input, job.output, *files_of(job.styles))]
    stats = StatsFile.opened(run.stats, apart_from=taken) if run.stats else None
    stop, results, records = ev.StopRequest(), [], []
    with stoppable(stop, face.warn):
        from vidstyle.pipeline.run import settings, stylize_many  # noqa: PLC0415

        how: dict[str, Any] = {
            "fresh": run.fresh,
            "keep_frames": run.keep_frames,
            "debug": run.debug,
            "stop_on_error": batch.stop_on_error,
            "save_every": run.save_every,
        }
        try:
            for result in stylize_many(jobs, observer=face, stop=stop, **how):
                results.append(result)
                records.append(result.as_dict())
        except KeyboardInterrupt:  # The second wish to stop could not wait for the painter to hear it.
            records.extend(
                {"input": job.input, "output": job.output, "status": ev.Status.INTERRUPTED, "error": None}
                for job in jobs[len(results) : len(results) + 1]
            )
            raise
        finally:
            if stats:
                figures = {"version": __version__, "settings": settings(options), "jobs": records}
                passed = [{"folder": album.folder, "passed_over": album.passed_over} for album in albums]
                stats.write(figures | ({"albums": passed} if passed else {}))
    left = len(jobs) - len(results)
    if len(jobs) > 1:
        face.ended(results, left)
    if any(result.status is ev.Status.INTERRUPTED for result in results):
        return Interrupted.exit_code
    codes = [result.exit_code if result.status is ev.Status.FAILED else 0 for result in results]
    # What was not begun has not failed.
    return common_code([*codes, *[0] * left])
