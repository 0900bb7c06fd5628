"""Options that stand in a file or in a recipe, put where the command line says nothing."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cyclopts import App, Token

from vidstyle.errors import InputError, UsageError, quoted, reason
from vidstyle.options.presets import preset_of, quality_of

SMALL = {"size": "192", "first-iterations": "40"}
"""What `vidstyle try` paints with, unless told."""
FILES_TOO = ("input", "style", "style-at", "output", "preset", "quality")


def fill(_app: App, commands: tuple[str, ...], arguments: Any) -> None:
    """Fill in what was not given: the command line wins over the file, that over the effort, that over the recipe."""
    if commands == ("try",):
        _put(arguments, SMALL)
    if commands:
        return
    named = {name.removeprefix("--"): argument for argument in arguments for name in argument.names}
    words: dict[str, Any] = {}
    if given := named["config"].tokens:
        words = read_config(Path(given[0].value), named)
    if named["style"].tokens or named["style-at"].tokens:
        # One takes the place of the other.
        words = {key: word for key, word in words.items() if key not in {"style", "style-at"}}

    def chosen(option: str, default: str) -> str:
        tokens = named[option].tokens
        return tokens[0].value if tokens else str(words.get(option, default))

    recipe = chosen("preset", "default")
    effort = quality_of(chosen("quality", "good"), recipe)
    _put(arguments, {**preset_of(recipe).options, **effort, **words})


def _put(arguments: Any, words: Mapping[str, Any]) -> None:
    """Give options that have not been given."""
    named = {name.removeprefix("--"): argument for argument in arguments for name in argument.names}
    for key, word in words.items():
        argument = named["INPUT" if key == "input" else key]
        if not argument.tokens:
            for index, value in enumerate(_each(word)):
                argument.append(Token(keyword=f"--{key}", value=value, source="config", index=index))


def read_config(path: Path, known: Iterable[str]) -> dict[str, Any]:
    """Read a file of options, by their names as on the command line.

    Raises
    ------
    InputError
        It cannot be read.
    UsageError
        It is no TOML, or names what is no option.

    """
    try:
        words = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as exc:
        raise InputError(f"--config {quoted(path)} cannot be read: {reason(exc)}; check the name.") from exc
    except ValueError as exc:
        raise UsageError(f"--config {quoted(path)} is no TOML: {reason(exc)}; correct it there.") from exc
    words = {key.removeprefix("--").replace("_", "-"): word for key, word in words.items()}
    names = set(known) - {"config", "write-config"} | set(FILES_TOO)
    for key, word in words.items():
        if key not in names or isinstance(word, dict):
            raise UsageError(
                f"--config {quoted(path)}: there is no option {key!r}; vidstyle --help lists what there is."
            )
    return words


def write_config(path: Path, words: Mapping[str, str | bool | list[str]]) -> None:
    """Write options as `read_config` reads them.

    Raises
    ------
    InputError
        It cannot be written.

    """
    lines = [f"{key} = {_toml(word)}" for key, word in words.items()]
    try:
        path.write_text("\n".join(lines) + "\n", "utf-8")
    except (OSError, UnicodeEncodeError) as exc:
        raise InputError(
            f"--write-config {quoted(path)} cannot be written: {reason(exc)}; choose another name."
        ) from exc


def _each(word: Any) -> list[str]:
    words = word if isinstance(word, list) else [word]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in words]


def _toml(word: str | bool | list[str]) -> str:
    if isinstance(word, list):
        return "[" + ", ".join(_toml(item) for item in word) + "]"
    if isinstance(word, bool):
        return str(word).lower()
    escaped = "".join(_ESCAPES.get(c, c) if c in _ESCAPES or c >= " " else f"\\u{ord(c):04x}" for c in word)
    return f'"{escaped}"'


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\x7f": "\\u007f"}
