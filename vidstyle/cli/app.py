"""Command line of vidstyle: words to options, options to a command, errors to an exit code.

Heavy modules are imported where they are first needed, so that `vidstyle --help` and a mistyped option
respond fast.
"""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from vidstyle._version import __version__
from vidstyle.cli.commands.clean import clean
from vidstyle.cli.commands.keyframes import keyframes
from vidstyle.cli.commands.measure import measure
from vidstyle.cli.commands.paint import paint_all
from vidstyle.cli.commands.presets import presets
from vidstyle.cli.commands.show import show
from vidstyle.cli.commands.try_ import try_
from vidstyle.cli.config_file import fill_in
from vidstyle.cli.exit_codes import report_error
from vidstyle.cli.help_panels import print_panel
from vidstyle.cli.parameters import (
    ABOUT,
    FILES,
    STYLES,
    STYLES_AT,
    BatchOptions,
    RunOptions,
    format_default,
)
from vidstyle.cli.renamed_options import replace_former_names
from vidstyle.cli.streams import Stream
from vidstyle.options.groups import Options
from vidstyle.options.style import Style

_MAY_BE_STREAMS = ("--list", "--output", "-o")

app = App(
    name="vidstyle",
    version=f"vidstyle {__version__}",
    suppress_keyboard_interrupt=False,
    config=fill_in,
    help_formatter=print_panel,
    usage="Usage: vidstyle INPUT... --style IMAGE... [-o OUTPUT] [OPTIONS]",
    # Flags are off by default, so --no-quiet would be useless. And [a].mp4 is a name, not JSON.
    default_parameter=Parameter(negative=(), show_default=format_default, json_list=False, json_dict=False),
)
app["--help"].group = app["--version"].group = ABOUT
# A first word that names a command is that command; a file of such a name is written ./measure.
app.command(clean, usage="Usage: vidstyle clean [FOLDER] [--yes]")
app.command(presets, usage="Usage: vidstyle presets")
app.command(show, usage="Usage: vidstyle show RESULT")
app.command(
    try_,
    name="try",
    usage="Usage: vidstyle try PHOTO --style IMAGE... --grid OPTION=X,Y,Z [OPTION=...] [OPTIONS]",
)
app.command(
    keyframes,
    usage="Usage: vidstyle keyframes FILM --style IMAGE... [-o SHEET] [OPTIONS]",
)
app.command(measure, usage="Usage: vidstyle measure SOURCE RESULT [--style IMAGE...] [OPTIONS]")


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
    """Paint films and photos in the style of an image; the painting stays still where the film stays still.

    Parameters
    ----------
    inputs
        Films, photos, or folders of them. Names that begin with a dash come last, after `--`.
    style
        The style image; repeat it for a mixture. `a.jpg:2` counts twice as much as `b.jpg`, and
        `a.jpg@sky.png` is painted only where the mask `sky.png` is bright or opaque; a style without a mask
        is for the rest, and without such a style the rest keeps the source. If the whole argument names an
        existing file, it is that file. Otherwise a number after the last colon is the weight, and the last
        at-sign that has a file before it separates the mask.
    style_at
        The style at a time of the film, written as `--start`: `0=a.jpg` and `5=b.jpg` change from one to the
        other over 5 seconds. Before the first time and after the last, the style stays. Masks and weights as
        for `--style`, which it replaces.
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
        Exit code: 0 all done, 1 failed, 2 the command line is wrong, 3 a part of several failed, 130
        interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file name that the terminal cannot encode must not fail a run.
            stream.reconfigure(errors="backslashreplace")
    words, files = _split(sys.argv[1:] if argv is None else argv)
    words, notices = replace_former_names(words)
    if "--quiet" not in words:
        for notice in notices:
            Stream(sys.stderr).line(f"vidstyle: {notice}")
    try:
        code = app([*words, *files], exit_on_error=False, print_error=False, result_action="return_value")
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - reported in one sentence.
        code = report_error(exc, debug="--debug" in words)
    except SystemExit:  # The reader of the help has closed the pipe.
        code = 0
    Stream(sys.stdout).flush()
    return code or 0


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate options from the names after `--`.

    A `-` is a name too, which the parser would take for an option: it is bound to its option, or moved after
    `--`.
    """
    end = words.index("--") if "--" in words else len(words)
    options: list[str] = []
    streams: list[str] = []
    for word in words[:end]:
        if word != "-":
            options.append(word)
        elif options and options[-1] in _MAY_BE_STREAMS:
            options[-1] += "=-"
        else:
            streams.append(word)
    names = [*streams, *words[end + 1 :]]
    return options, ["--", *names] if names else []
