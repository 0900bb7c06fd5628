"""Options in the words of the command line: read from them, and written as them."""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from types import UnionType
from typing import Any

from vidstyle.options.groups import Options
from vidstyle.options.presets import preset_of, quality_of


def apply_preset(options: Options, name: str) -> Options:
    """Options with those that a recipe sets.

    Raises
    ------
    UsageError
        There is no such recipe.

    """
    words = {key.replace("-", "_"): word for key, word in preset_of(name).options.items()}
    found: Options = replace_from_text(options, words)[0]
    return found


def apply_quality(options: Options, name: str, recipe: str = "default") -> Options:
    """Options with those that an effort sets for a recipe.

    Raises
    ------
    UsageError
        There is no such effort.

    """
    found: Options = replace_from_text(
        options, {key.replace("-", "_"): word for key, word in quality_of(name, recipe).items()}
    )[0]
    return found


def preset(name: str) -> Options:
    """Options of a recipe; see `vidstyle presets`.

    Raises
    ------
    UsageError
        There is no such recipe.

    """
    return apply_preset(Options(), name)


def to_text(group: Any, default: Any | None = None) -> dict[str, str | bool | list[str]]:
    """Options that differ from the defaults, by their names, as the command line takes them."""
    default = type(group)() if default is None else default
    found: dict[str, str | bool | list[str]] = {}
    for field in dataclasses.fields(group):
        value, usual = getattr(group, field.name), getattr(default, field.name)
        if dataclasses.is_dataclass(value) and not hasattr(value, "parse") and value != usual:
            found |= to_text(value, usual)
        elif value != usual:
            found[field.name.replace("_", "-")] = _word(value)
    return found


def _word(value: Any) -> str | bool | list[str]:
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if isinstance(value, Enum):
        return str(value.value)
    return repr(value) if isinstance(value, float) else str(value)


def replace_from_text(group: Any, values: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Options with some of their values changed, at whatever depth, and the values that they do not have."""
    rest, changes = dict(values), {}
    hints = typing.get_type_hints(type(group))
    for field in dataclasses.fields(group):
        current = getattr(group, field.name)
        if field.name in rest:
            changes[field.name] = _value(hints[field.name], rest.pop(field.name))
        elif dataclasses.is_dataclass(current) and not hasattr(current, "parse"):
            changes[field.name], rest = replace_from_text(current, rest)
    return dataclasses.replace(group, **changes), rest


def _value(hint: Any, value: Any) -> Any:
    """Turn what TOML holds into what an option is, by the words of the command line."""
    if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union:
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if hint is bool or isinstance(value, bool):
        if hint is not bool or not isinstance(value, bool):
            raise TypeError(
                f"{value!r} is no {'yes or no (true, false)' if hint is bool else 'value for it'}"
            )
        return value
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    parse: Callable[[str], Any] = getattr(hint, "parse", hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        parse = hint
    elif typing.get_origin(hint) is not None:  # A tuple of words.
        return tuple(str(item) for item in (value if isinstance(value, list) else [value]))
    return parse(text)
