"""The dry run: forecasts of jobs, without painting."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vidstyle.cli.exit_codes import combined_exit_code, report_error
from vidstyle.cli.parameters import RunOptions
from vidstyle.cli.report.format import format_count, format_duration, format_forecast
from vidstyle.cli.report.json_values import to_json
from vidstyle.cli.streams import Stream
from vidstyle.errors import VidstyleError

if TYPE_CHECKING:  # Slow to import, and not needed for the help.
    from vidstyle.pipeline.plan.jobs import Job


def report_forecasts(jobs: "Sequence[Job]", run: RunOptions) -> int:
    """Report size, duration, memory and disk of each job, and get the exit code of the dry run."""
    from vidstyle.pipeline.estimate.estimate import estimate  # noqa: PLC0415
    from vidstyle.pipeline.paint.painter_cache import PainterCache  # noqa: PLC0415

    out, codes, painters, seconds = Stream(sys.stdout), [], PainterCache(), 0.0
    for job in jobs:
        try:
            forecast = estimate(job, painters)
        except VidstyleError as exc:
            codes.append(report_error(exc, debug=run.debug))
            continue
        codes.append(0)
        seconds += forecast.seconds or 0.0
        if run.log_json:
            files = {"input": str(job.input), "output": str(job.output)}
            out.line(json.dumps({"event": "Estimate", **files, **to_json(forecast)}))
        else:
            out.line(format_forecast(job.input, job.output, forecast))
    if seconds and len(jobs) > 1 and not run.log_json:
        out.line(f"{format_count(len(jobs), 'job')}: at most {format_duration(seconds)} to paint")
    return combined_exit_code(codes)
