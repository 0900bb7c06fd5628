"""Command that made a result, for its metadata: file names without their folders, which are private."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from vidstyle._version import __version__
from vidstyle.media.provenance import read_note
from vidstyle.options.file_names import text_of_name
from vidstyle.options.groups import MachineOptions, Options
from vidstyle.options.style import Style
from vidstyle.options.text import to_text

_PATHS = {"mask", "protect", "init", "flow", "weights"}


def command_of(source: Path, styles: Sequence[Style], options: Options) -> str:
    """Write the command line that makes a result again in the folder of its files.

    Device, threads and tile size are omitted, and characters that UTF-8 cannot encode are replaced. With
    `--strip-metadata` it is empty.
    """
    if options.photo.strip_metadata:
        return ""
    weights, precision = options.machine.weights, options.machine.precision
    options = replace(options, machine=MachineOptions(weights=weights, precision=precision))
    words = ["vidstyle", _name(source)]
    for style in styles:
        mask = style.mask and Path(_name(style.mask))
        bare = Style(Path(_name(style.picture)), style.weight, mask, style.at)
        words += ["--style-at" if style.at else "--style", str(bare)]
    for option, value in to_text(options).items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, bool):
                words.append(f"--{option}")
            else:
                words += [f"--{option}", _name(Path(text)) if option in _PATHS else text]
    # The output's name is omitted, so that the same request gives the same bytes under any name.
    return f"vidstyle {__version__}: {shlex.join(words)}".encode("utf-8", "replace").decode()


def read_command(result: Path) -> str | None:
    """Read the command from a result's metadata; None where it has none.

    Raises
    ------
    InputError
        The file is neither a photo nor a video.

    """
    return read_note(result)


def _name(path: Path) -> str:
    return text_of_name(path.name or path.resolve().name)
