"""The command line: words to options, options to jobs, results to an exit code.

Everything heavy is imported where it is first needed, so that `vidstyle --help` and a mistyped option answer at once.
"""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from vidstyle._version import __version__
from vidstyle.cli.commands.clean import clean
from vidstyle.cli.commands.measure import measure
from vidstyle.cli.commands.paint import paint_all
from vidstyle.cli.commands.presets import presets
from vidstyle.cli.commands.show import show
from vidstyle.cli.commands.try_ import try_
from vidstyle.cli.config_file import fill
from vidstyle.cli.exit_codes import complain
from vidstyle.cli.parameters import (
    ABOUT,
    FILES,
    STYLES,
    STYLES_AT,
    BatchOptions,
    RunOptions,
    shown_default,
)
from vidstyle.cli.streams import Stream
from vidstyle.options.groups import Options
from vidstyle.options.style import Style

_MAY_BE_STREAMS = ("--list", "--output", "-o")

app = App(
    name="vidstyle",
    version=f"vidstyle {__version__}",
    suppress_keyboard_interrupt=False,
    config=fill,
    usage="Usage: vidstyle INPUT... --style PICTURE... [-o OUTPUT] [OPTIONS]",
    # A flag is off unless it is given: --no-quiet would be one more word for nothing. And [a].mp4 is a name, not JSON.
    default_parameter=Parameter(negative=(), show_default=shown_default, json_list=False, json_dict=False),
)
app["--help"].group = app["--version"].group = ABOUT
# A first word that names a command is that command; a file of such a name is written ./measure.
app.command(clean, usage="Usage: vidstyle clean [FOLDER] [--yes]")
app.command(presets, usage="Usage: vidstyle presets")
app.command(show, usage="Usage: vidstyle show RESULT")
app.command(
    try_,
    name="try",
    usage="Usage: vidstyle try PHOTO --style PICTURE... --grid OPTION=X,Y,Z [OPTION=...] [OPTIONS]",
)
app.command(measure, usage="Usage: vidstyle measure SOURCE RESULT [--style PICTURE...] [OPTIONS]")


@app.default
def paint(
    inputs: Annotated[tuple[Path, ...], Parameter(name="INPUT", group=FILES)] = (),
    /,
    *,
    style: Annotated[tuple[Style, ...], STYLES] = (),
    style_at: Annotated[tuple[Style, ...], STYLES_AT] = (),
    options: Options = Options(),  # noqa: B008 - frozen, and the help shows it.
    batch: BatchOptions = BatchOptions(),  # noqa: B008
    run: RunOptions = RunOptions(),  # noqa: B008
) -> int:
    """Paint films and photos in the style of a picture; the painting stays still where the film stays still.

    Parameters
    ----------
    inputs
        Films, photos, or folders of photos. Names that begin with a dash come last, after --.
    style
        The picture whose style is taken. Again for a mixture of several: `a.jpg:2` has twice the share of `b.jpg`, and
        `a.jpg@sky.png` is painted only where `sky.png` is bright.
    style_at
        A style that holds at a time of the film, as `0=a.jpg` and `5=b.jpg`, between which it goes over.
    """
    return paint_all(inputs, (*style, *style_at), options, batch, run)


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
    words = _with_streams(sys.argv[1:] if argv is None else argv)
    options = words[: words.index("--")] if "--" in words else words
    try:
        code = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - nobody is above to make a sentence of it.
        code = complain(exc, debug="--debug" in options)
    except SystemExit:  # Whoever read the help has closed the pipe.
        code = 0
    Stream(sys.stdout).flush()
    return code or 0


def _with_streams(words: Sequence[str]) -> list[str]:
    """Write `-` so that the parser takes it for a name, not for an option: behind `--`, or bound to what it is given to."""
    end = words.index("--") if "--" in words else len(words)
    bound: list[str] = []
    streams: list[str] = []
    for word in words[:end]:
        if word != "-":
            bound.append(word)
        elif bound and bound[-1] in _MAY_BE_STREAMS:
            bound[-1] += "=-"
        else:
            streams.append(word)
    names = [*streams, *words[end + 1 :]]
    return [*bound, *(["--", *names] if names else [])]
