"""Files of options, presets and quality levels: values of options that the command line does not give."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cyclopts import App, Token

from vidstyle.cli.exit_codes import HELP
from vidstyle.cli.renamed_options import RENAMED, current_name, notice
from vidstyle.cli.streams import Stream
from vidstyle.cli.text_files import read_toml
from vidstyle.errors import InputError, UsageError, quoted, reason, text_of_name
from vidstyle.options.presets import find_preset, find_quality

SMALL_DEFAULTS: Mapping[tuple[str, ...], Mapping[str, str]] = {
    ("try",): {"size": "192", "first-iterations": "40"},
    ("keyframes",): {"size": "192", "first-iterations": "20"},
}
"""Defaults of the commands that paint small."""
FILE_OPTIONS = ("input", "style", "style-at", "output", "preset", "quality")
"""Names that a file of options may have next to those of the options."""


def fill_in(_app: App, commands: tuple[str, ...], arguments: Any) -> None:
    """Fill in options that are not given: from `--config`, then `--quality`, then `--preset`."""
    _fill_in(arguments, SMALL_DEFAULTS.get(commands, {}))
    if commands:
        return
    named = {name.removeprefix("--"): argument for argument in arguments for name in argument.names}
    values: dict[str, Any] = {}
    if tokens := named["config"].tokens:
        values = read_config(Path(tokens[0].value), named)
    if named["style"].tokens or named["style-at"].tokens:
        # Each replaces the other.
        values = {key: value for key, value in values.items() if key not in {"style", "style-at"}}

    def chosen(option: str, default: str) -> str:
        tokens = named[option].tokens
        return tokens[0].value if tokens else str(values.get(option, default))

    preset = chosen("preset", "default")
    quality = find_quality(chosen("quality", "good"), preset)
    _fill_in(arguments, {**find_preset(preset).options, **quality, **values})


def _fill_in(arguments: Any, values: Mapping[str, Any]) -> None:
    """Set the options that have not been given."""
    named = {name.removeprefix("--"): argument for argument in arguments for name in argument.names}
    for key, value in values.items():
        argument = named["INPUT" if key == "input" else key]
        if not argument.tokens:
            for index, text in enumerate(_to_texts(value)):
                argument.append(Token(keyword=f"--{key}", value=text, source="config", index=index))


def read_config(path: Path, known: Iterable[str]) -> dict[str, Any]:
    """Read a file of options, by their names on the command line.

    Raises
    ------
    InputError
        The file cannot be read.
    UsageError
        The file is not TOML, or has a name that is not an option's.

    """
    try:
        values = read_toml(path)
    except OSError as exc:
        raise InputError(f"--config {quoted(path)} cannot be read: {reason(exc)}; check the name.") from exc
    except ValueError as exc:
        raise UsageError(f"--config {quoted(path)} is not valid TOML: {reason(exc)}; correct it.") from exc
    values = {key.removeprefix("--").replace("_", "-"): value for key, value in values.items()}
    for key in RENAMED.keys() & values:
        Stream(sys.stderr).line(f"vidstyle: --config {quoted(path)}: {notice(key)}")
    values = {current_name(key): value for key, value in values.items()}
    names = set(known) - {"config", "write-config"} | set(FILE_OPTIONS)
    for key, value in values.items():
        if key not in names or isinstance(value, dict):
            raise UsageError(f"--config {quoted(path)}: unknown option {key!r}; {HELP}.")
    return values


def write_config(path: Path, values: Mapping[str, str | bool | list[str]]) -> None:
    """Write options as `read_config` reads them.

    Raises
    ------
    InputError
        The file cannot be written.

    """
    try:
        lines = [f"{key} = {_to_toml(value)}" for key, value in values.items()]
        path.write_text("\n".join(lines) + "\n", "utf-8")
    except (OSError, UnicodeEncodeError) as exc:
        raise InputError(
            f"--write-config {quoted(path)} cannot be written: {reason(exc)}; choose another name."
        ) from exc


def _to_texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]


def _to_toml(value: str | bool | list[str]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_to_toml(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    value = text_of_name(value)
    escaped = "".join(_ESCAPES.get(c, c) if c in _ESCAPES or c >= " " else f"\\u{ord(c):04x}" for c in value)
    return f'"{escaped}"'


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\x7f": "\\u007f"}
