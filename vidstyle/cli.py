"""The command line: words to options, options to jobs, results to an exit code.

Everything heavy is imported where it is first needed, so that `vidstyle --help` and a mistyped option answer at once.
"""

import io
import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, MissingArgumentError, Parameter

import vidstyle
from vidstyle.commands.clean import clean
from vidstyle.commands.measure import measure
from vidstyle.commands.parameters import ABOUT, FILES, RunOptions, shown_default
from vidstyle.console import RESUMABLE, choose
from vidstyle.errors import Interrupted, UsageError, VidstyleError, reason
from vidstyle.events import Status, StopRequest
from vidstyle.options import Options
from vidstyle.signals import stoppable
from vidstyle.stats import StatsFile, as_json
from vidstyle.streams import Stream
from vidstyle.wording import forecast, shown

PARTLY_FAILED = 3
HELP = "vidstyle --help lists what there is"
app = App(
    name="vidstyle",
    version=f"vidstyle {vidstyle.__version__}",
    suppress_keyboard_interrupt=False,
    usage="Usage: vidstyle INPUT... --style PICTURE... [-o OUTPUT] [OPTIONS]",
    # A flag is off unless it is given: --no-quiet would be one more word for nothing. And [a].mp4 is a name, not JSON.
    default_parameter=Parameter(negative=(), show_default=shown_default, json_list=False, json_dict=False),
)
app["--help"].group = app["--version"].group = ABOUT
# A first word that names a command is that command; a file of such a name is written ./measure.
app.command(clean, usage="Usage: vidstyle clean [FOLDER] [--yes]")
app.command(measure, usage="Usage: vidstyle measure SOURCE RESULT [--style PICTURE...] [OPTIONS]")


@app.default
def paint(
    inputs: Annotated[list[Path], Parameter(name="INPUT", group=FILES)],
    /,
    *,
    style: Annotated[list[Path], Parameter(metavar="PICTURE", group=FILES)],
    options: Options = Options(),  # noqa: B008 - frozen, and the help shows it.
    run: RunOptions = RunOptions(),  # noqa: B008 - as the options.
) -> int:
    """Paint films and photos in the style of a picture; the painting stays still where the film stays still.

    Parameters
    ----------
    inputs
        Films, photos, or folders of photos. Names that begin with a dash come last, after --.
    style
        The picture whose style is taken; give it again for a mixture of several.
    """
    from vidstyle.pipeline.jobs import plan  # noqa: PLC0415

    if run.dry_run and run.stats:
        raise UsageError("--stats has nothing to record in a --dry-run; leave one of the two away.")
    jobs = plan(inputs, style, run.output, options, overwrite=run.overwrite)
    return _foretell(jobs, run) if run.dry_run else _paint(jobs, options, run)


def _foretell(jobs: Sequence[Any], run: RunOptions) -> int:
    """Say of each job what it would take."""
    from vidstyle.pipeline.estimate import estimate  # noqa: PLC0415

    out, codes = Stream(sys.stdout), []
    for job in jobs:
        try:
            guess = estimate(job)
        except VidstyleError as exc:
            codes.append(_complain(exc, debug=run.debug))
            continue
        codes.append(0)
        record = {"event": "Estimate", "input": str(job.input), "output": str(job.output), **as_json(guess)}
        out.line(json.dumps(record) if run.log_json else forecast(job.input, job.output, guess))
    return _exit_code(codes)


def _paint(jobs: Sequence[Any], options: Options, run: RunOptions) -> int:
    """Paint every job, and record what came of it."""
    face = choose(quiet=run.quiet, log_json=run.log_json, iterations=options.paint.iterations)
    taken = [path for job in jobs for path in (job.input, job.output, *job.styles)]
    stats = StatsFile.opened(run.stats, apart_from=taken) if run.stats else None
    stop, results, records = StopRequest(), [], []
    with face, stoppable(stop, face.warn):
        from vidstyle.pipeline.run import settings, stylize_many  # noqa: PLC0415

        try:
            for result in stylize_many(
                jobs, observer=face, stop=stop, fresh=run.fresh, keep_frames=run.keep_frames, debug=run.debug
            ):
                results.append(result)
                records.append(result.as_dict())
        except KeyboardInterrupt:  # The second wish to stop could not wait for the painter to hear it.
            records.extend(
                {"input": job.input, "output": job.output, "status": Status.INTERRUPTED, "error": None}
                for job in jobs[len(results) : len(results) + 1]
            )
            raise
        finally:
            if stats:
                figures = {"version": vidstyle.__version__, "settings": settings(options), "jobs": records}
                stats.write(figures)
    if any(result.status is Status.INTERRUPTED for result in results):
        return Interrupted.exit_code
    codes = [result.exit_code if result.status is Status.FAILED else 0 for result in results]
    if len(jobs) > 1 and any(codes):
        failed = ", ".join(shown(result.input) for result, code in zip(results, codes, strict=True) if code)
        face.warn(f"{sum(map(bool, codes))} of {len(jobs)} failed: {failed}.")
    return _exit_code(codes)


def _exit_code(codes: Sequence[int]) -> int:
    """0 where all went well, 3 where only a part did, else what the failures have in common, or 1."""
    if not any(codes):
        return 0
    if not all(codes):
        return PARTLY_FAILED
    return codes[0] if len(set(codes)) == 1 else VidstyleError.exit_code


def _complain(exc: BaseException, *, debug: bool) -> int:
    """Say in one sentence what went wrong, and give the exit code that means it."""
    err, code = Stream(sys.stderr), 1
    if debug:
        err.write("".join(traceback.format_exception(exc)))
    if isinstance(exc, VidstyleError):
        text, code = str(exc), exc.exit_code
    elif isinstance(exc, KeyboardInterrupt):
        text, code = f"stopped; {RESUMABLE}.", Interrupted.exit_code
    elif isinstance(exc, CycloptsError):
        text, code = _usage(exc), UsageError.exit_code
    else:
        text = f"internal error, {type(exc).__name__}: {reason(exc)}; --debug shows where, for a report of this bug."
    err.line(f"vidstyle: {text}")
    return code


def _usage(exc: CycloptsError) -> str:
    """Words of the parser as one sentence that ends in a remedy."""
    name = exc.argument.name if isinstance(exc, MissingArgumentError) and exc.argument else ""
    if name == "INPUT":
        return f"nothing to paint was given; name a film, a photo or a folder. {HELP}."
    if name == "--style":
        return "no style was given; add --style PICTURE, with any picture."
    text = " ".join(str(exc).split())
    return text if text.endswith("?") else f"{text.rstrip('.')}; {HELP}."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after the command's name; those of the process by default.

    Returns
    -------
    int
        Exit code: 0 all done, 1 failed, 2 the command line is wrong, 3 a part of several failed, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file name that the terminal's encoding has no letters for is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if argv is None else argv)
    options = words[: words.index("--")] if "--" in words else words
    try:
        code = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - nobody is above to make a sentence of it.
        code = _complain(exc, debug="--debug" in options)
    except SystemExit:  # Whoever read the help has closed the pipe.
        code = 0
    Stream(sys.stdout).flush()
    return code or 0
