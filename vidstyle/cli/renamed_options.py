"""Former names of options, which keep working for one minor version with a notice."""

from collections.abc import Iterable
from typing import NamedTuple


class Renamed(NamedTuple):
    """Current name of an option, and the version that no longer knows the former one."""

    option: str
    removed_in: str


RENAMED = {"save-every": Renamed("snapshot-every", removed_in="0.2")}
"""Former names, without the hyphens before them."""


def replace_former_names(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Replace former names of options on a command line.

    >>> replace_former_names(["in.jpg", "--save-every=5"])[0]
    ['in.jpg', '--snapshot-every=5']

    Returns
    -------
    tuple
        The words, and a notice per former name.
    """
    replaced, notices = [], []
    for word in words:
        option, sign, value = word.partition("=")
        name = option.removeprefix("--")
        if option.startswith("--") and name in RENAMED:
            notices.append(notice(name))
            replaced.append(f"--{current_name(name)}{sign}{value}")
        else:
            replaced.append(word)
    return replaced, notices


def current_name(name: str) -> str:
    """Get the current name of an option, which may be given by its former one."""
    return RENAMED[name].option if name in RENAMED else name


def notice(name: str) -> str:
    """Word the notice about a former name."""
    renamed = RENAMED[name]
    return f"--{name} is now --{renamed.option}; the former name works before version {renamed.removed_in}."
