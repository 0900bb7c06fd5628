"""Progress of a run in a notebook or script: the `vidstyle.ProgressBar` of Python users."""

import sys
from importlib.util import find_spec

from vidstyle.cli.report.choose import make_progress
from vidstyle.cli.report.messages import ErrorLines, NoticeLines, ResultLines, WriteLine
from vidstyle.cli.report.tee import Tee
from vidstyle.cli.streams import Stream
from vidstyle.events import Observer
from vidstyle.options.groups import PaintOptions


class ProgressBar(Tee):
    """Observer that shows the progress, notices, errors and results of a run.

    In a notebook and on a terminal it draws bars; where stderr is neither, it writes lines, a few per minute.
    The bars are removed when a job ends; as a context manager, it removes them on any exception too.

    >>> import vidstyle
    >>> progress = vidstyle.ProgressBar()
    >>> vidstyle.stylize("in.mp4", style="starry.jpg", observer=progress)  # doctest: +SKIP

    Parameters
    ----------
    iterations
        The option `iterations` of the run, for the time left.
    """

    def __init__(self, iterations: int = PaintOptions.iterations) -> None:
        progress, write_line = _notebook_bars(iterations) or make_progress(Stream(sys.stderr), iterations)
        super().__init__(progress, NoticeLines(write_line), ResultLines(write_line), ErrorLines(write_line))


def _notebook_bars(iterations: int) -> tuple[Observer, WriteLine] | None:
    """Make progress bars for a Jupyter notebook; None outside, or without ipywidgets, which they need."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if type(shell).__name__ != "ZMQInteractiveShell" or not find_spec("ipywidgets"):
        return None
    from rich.console import Console  # noqa: PLC0415 - not needed without bars.

    from vidstyle.cli.report.bars import ProgressBars, line_printer  # noqa: PLC0415

    console = Console(markup=False, highlight=False, emoji=False)
    return ProgressBars(console, iterations), line_printer(console)
