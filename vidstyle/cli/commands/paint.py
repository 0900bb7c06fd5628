"""The command that paints: jobs, observers, statistics and the exit code."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vidstyle.cli.commands.dry_run import report_forecasts
from vidstyle.cli.config_file import write_config
from vidstyle.cli.exit_codes import combined_exit_code
from vidstyle.cli.parameters import BatchOptions, RunOptions
from vidstyle.cli.report.choose import RunObserver, make_observer
from vidstyle.cli.report.stats_file import StatsFile
from vidstyle.cli.requests import plan_jobs, to_config
from vidstyle.cli.signals import stoppable
from vidstyle.errors import Interrupted, UsageError
from vidstyle.events import BatchDone, Outcome, Status, StopRequest
from vidstyle.options.groups import Options
from vidstyle.options.style import Style, files_of

if TYPE_CHECKING:  # Slow to import, and not needed for the help.
    from vidstyle.pipeline.plan.jobs import Job
    from vidstyle.pipeline.results import JobResult


def paint_all(
    inputs: Sequence[Path], styles: Sequence[Style], options: Options, batch: BatchOptions, run: RunOptions
) -> int:
    """Paint inputs, or report what painting them would take, and get the exit code."""
    from vidstyle.media.isolation import start as start_isolation  # noqa: PLC0415

    if run.dry_run and run.stats:
        raise UsageError("--stats has nothing to record in a --dry-run; omit one of them.")
    if run.write_config:
        write_config(run.write_config, to_config(inputs, styles, options, run))
    stats = StatsFile(run.stats) if run.stats else None
    observers = make_observer(
        *([stats] if stats else []),
        quiet=run.quiet,
        log_json=run.log_json,
        iterations=options.paint.iterations,
    )
    with observers.observer as observer:
        start_isolation()  # While the modules that need it are imported.
        jobs = plan_jobs(inputs, styles, options, batch, run, observer)
        if not run.dry_run:
            if stats:
                files = [path for job in jobs for path in (job.input, job.output, *files_of(job.styles))]
                stats.check_writable(inputs_and_outputs=files)
            return _paint(jobs, options, batch, run, observers, stats)
    return report_forecasts(jobs, run)


def _paint(
    jobs: "Sequence[Job]",
    options: Options,
    batch: BatchOptions,
    run: RunOptions,
    observers: RunObserver,
    stats: StatsFile | None,
) -> int:
    """Paint every job, and record its result."""
    stop, results = StopRequest(), []
    with stoppable(stop, observers.errors.warn):
        from vidstyle.pipeline.run import settings, stylize_many  # noqa: PLC0415

        if stats:
            stats.begin(settings(options))
        try:
            for result in stylize_many(
                jobs,
                observer=observers.observer,
                stop=stop,
                fresh=run.fresh,
                keep_frames=run.keep_frames,
                debug=run.debug,
                stop_on_error=batch.stop_on_error,
                snapshot_every=run.snapshot_every,
            ):
                results.append(result)
                if stats:
                    stats.add(result.as_dict())
        except KeyboardInterrupt:  # A second request to stop, which the painter did not handle in time.
            if stats:
                for job in jobs[len(results) : len(results) + 1]:
                    files = {"input": job.input, "output": job.output}
                    stats.add({**files, "status": Status.INTERRUPTED, "error": None})
            raise
        finally:
            if stats:
                stats.close()
    left = len(jobs) - len(results)
    if len(jobs) > 1:
        outcomes = tuple(Outcome(done.input, done.output, done.status, done.error) for done in results)
        observers.observer(BatchDone(0, outcomes, left))
    return _exit_code(results, left)


def _exit_code(results: "Sequence[JobResult]", left: int) -> int:
    if any(result.status is Status.INTERRUPTED for result in results):
        return Interrupted.exit_code
    codes = [result.exit_code if result.status is Status.FAILED else 0 for result in results]
    # A job that was not started has not failed.
    return combined_exit_code([*codes, *[0] * left])
