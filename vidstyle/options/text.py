"""Options as text: conversion from and to the values of the command line."""

import dataclasses
import typing
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from types import UnionType
from typing import Any

from vidstyle.options.groups import Options
from vidstyle.options.presets import find_preset, find_quality


def apply_preset(options: Options, name: str) -> Options:
    """Replace the options that a preset sets.

    Raises
    ------
    UsageError
        There is no such preset.

    """
    return _apply(options, find_preset(name).options)


def apply_quality(options: Options, name: str, preset: str = "default") -> Options:
    """Replace the options that a quality level sets for a preset.

    Raises
    ------
    UsageError
        There is no such quality level, or preset.

    """
    return _apply(options, find_quality(name, preset))


def preset(name: str) -> Options:
    """Get the options of a preset; see `vidstyle presets`.

    >>> preset("gatys").objective.pooling.value
    'avg'

    Raises
    ------
    UsageError
        There is no such preset.

    """
    return apply_preset(Options(), name)


def option_types(group: Any) -> Iterator[tuple[str, Any]]:
    """List the fields of a group of options and of the groups within it, with their types."""
    hints = typing.get_type_hints(group if isinstance(group, type) else type(group))
    for field in dataclasses.fields(group):
        hint = hints[field.name]
        if is_group(hint):
            yield from option_types(hint)
        else:
            yield field.name, hint


def is_group(kind: Any) -> bool:
    """Tell a group of options from the type of a value."""
    return dataclasses.is_dataclass(kind) and not hasattr(kind, "parse")


def to_text(group: Any, default: Any | None = None) -> dict[str, str | bool | list[str]]:
    """Convert the options that differ from the defaults to text, by their names on the command line."""
    default = type(group)() if default is None else default
    found: dict[str, str | bool | list[str]] = {}
    for field in dataclasses.fields(group):
        value, usual = getattr(group, field.name), getattr(default, field.name)
        if is_group(value) and value != usual:
            found |= to_text(value, usual)
        elif value != usual:
            found[field.name.replace("_", "-")] = _value_to_text(value)
    return found


def replace_options(group: Any, values: Mapping[str, Any]) -> Any:
    """Replace options of a group, and of the groups within it, by name."""
    changes = {}
    for field in dataclasses.fields(group):
        current = getattr(group, field.name)
        if is_group(current):
            changes[field.name] = replace_options(current, values)
        elif field.name in values:
            changes[field.name] = values[field.name]
    return dataclasses.replace(group, **changes)


def replace_from_text(group: Any, values: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Replace options of a group, and of the groups within it, by values as on the command line or in TOML.

    Parameters
    ----------
    group
        The group.
    values
        New values, by the names of the fields.

    Returns
    -------
    tuple
        The group, and the values whose names it does not have.

    Raises
    ------
    UsageError
        A value is out of range.
    ValueError, TypeError
        A value has another form than its option.

    """
    types = dict(option_types(group))
    known = {name: parse_value(types[name], value) for name, value in values.items() if name in types}
    return replace_options(group, known), {name: values[name] for name in values if name not in types}


def parse_value(hint: Any, value: Any) -> Any:
    """Convert a value of the command line or of TOML to an option's type.

    Raises
    ------
    UsageError, ValueError, TypeError
        The value has another form.

    """
    hint = without_none(hint)
    if hint is bool or isinstance(value, bool):
        if hint is not bool:
            raise TypeError(f"{value!r} is a boolean, and the option takes a number or text")
        if not isinstance(value, bool):
            raise TypeError(f"{value!r} is not a boolean; give true or false")
        return value
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    parse: Callable[[str], Any] = getattr(hint, "parse", hint)
    if typing.get_origin(hint) is tuple:
        return tuple(str(item) for item in (value if isinstance(value, list) else [value]))
    return parse(text)


def without_none(hint: Any) -> Any:
    """Get the type of an option's values other than None."""
    if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union:
        return next(part for part in typing.get_args(hint) if part is not type(None))
    return hint


def prefix_option(option: str, message: str) -> str:
    """Put an option's name before a message that does not begin with it."""
    return message if message.removeprefix("invalid ").startswith("--") else f"{option}: {message}"


def _apply(options: Options, values: Mapping[str, str]) -> Options:
    found: Options = replace_from_text(
        options, {name.replace("-", "_"): value for name, value in values.items()}
    )[0]
    return found


def _value_to_text(value: Any) -> str | bool | list[str]:
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if isinstance(value, Enum):
        return str(value.value)
    return repr(value) if isinstance(value, float) else str(value)
