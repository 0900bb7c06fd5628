"""Choice of the observers of a run on the command line."""

import sys
from typing import NamedTuple

from vidstyle.cli.report.json_lines import JsonLines
from vidstyle.cli.report.messages import ErrorLines, NoticeLines, ResultLines, WriteLine
from vidstyle.cli.report.plain import PlainLines
from vidstyle.cli.report.tee import Tee, tee
from vidstyle.cli.streams import Stream
from vidstyle.events import Observer


class RunObserver(NamedTuple):
    """Observer of a run, and the way to report errors that are not events."""

    observer: Tee
    errors: ErrorLines


def make_observer(*others: Observer, quiet: bool, log_json: bool, iterations: int) -> RunObserver:
    """Combine the observers that the options ask for.

    Errors are always reported on stderr. By default progress and notices go to stderr, as bars on a terminal
    and as lines elsewhere, and results to stdout, so that `vidstyle ... > done.txt` collects them.

    Parameters
    ----------
    others
        Further observers, which receive each event last.
    quiet
        Report errors only.
    log_json
        Write events as JSON to stdout.
    iterations
        Iterations of a frame that starts from its predecessor, for the time left.
    """
    out, err = Stream(sys.stdout), Stream(sys.stderr)
    errors = ErrorLines(err.line)
    if log_json:
        return RunObserver(tee(JsonLines(out.line), errors, *others), errors)
    if quiet:
        return RunObserver(tee(errors, *others), errors)
    progress, write_line = make_progress(err, iterations)
    errors = ErrorLines(write_line)
    results = ResultLines(out.line)
    return RunObserver(tee(progress, NoticeLines(write_line), results, errors, *others), errors)


def make_progress(stream: Stream, iterations: int) -> tuple[Observer, WriteLine]:
    """Choose bars on a terminal, lines elsewhere; return them with a function that prints further lines."""
    if not stream.isatty():
        return PlainLines(stream.line, iterations), stream.line
    from vidstyle.cli.report.bars import (  # noqa: PLC0415 - loaded only where it is shown.
        ProgressBars,
        line_printer,
        terminal_console,
    )

    console = terminal_console(stream)
    return ProgressBars(console, iterations), line_printer(console)
