"""Command that made a result, for its metadata: file names without their folders, which are private."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from vidstyle._version import __version__
from vidstyle.errors import text_of_name
from vidstyle.media.provenance import read_note
from vidstyle.options.groups import MachineOptions, Options
from vidstyle.options.style import Style
from vidstyle.options.text import to_text

_PATHS = {"mask", "protect", "init", "flow", "weights"}
_UNDECODED = re.compile("[\udc80-\udcff]")
"""A byte of a name that is not text (PEP 383)."""


def command_of(source: Path, styles: Sequence[Style], options: Options) -> str:
    """Write the command line that makes a result again in the folder of its files.

    Device, threads and tile size are omitted. Bytes of a name that are not text are in the shell's own
    notation. With `--strip-metadata` it is empty.
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
    command = " ".join(map(_shell_word, words))
    return f"vidstyle {__version__}: {command}".encode("utf-8", "replace").decode()


def read_command(result: Path) -> str | None:
    """Read the command from a result's metadata; None where it has none.

    Raises
    ------
    InputError
        The file is neither a photo nor a video.

    """
    return read_note(result)


def _shell_word(word: str) -> str:
    """Quote a word for a shell; bytes that are not text as Bash and Zsh write them."""
    if not _UNDECODED.search(word):
        return shlex.quote(word)
    escaped = re.sub(r"[\\']", r"\\\g<0>", word)
    return "$'" + _UNDECODED.sub(lambda byte: f"\\x{ord(byte[0]) - 0xDC00:02x}", escaped) + "'"


def _name(path: Path) -> str:
    return text_of_name(path.name or path.resolve().name)
