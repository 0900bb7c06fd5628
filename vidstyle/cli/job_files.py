"""Files that list what is to be painted: one input a line, or a table of TOML a job."""

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidstyle.errors import InputError, UsageError, quoted, reason
from vidstyle.options.groups import Options
from vidstyle.options.style import Style
from vidstyle.options.text import apply_preset, apply_quality, replace_from_text


@dataclass(frozen=True)
class Listed:
    """A job of a list; what is None is as the command line says."""

    inputs: tuple[Path, ...]
    styles: tuple[Style, ...] | None
    output: Path | None
    options: Options


def read_list(path: Path) -> list[Path]:
    """Read inputs, one a line; empty lines and those that begin with # say nothing, and `-` is stdin.

    Raises
    ------
    InputError
        The list cannot be read.
    UsageError
        It names nothing.

    """
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as exc:
        raise InputError(f"--list {quoted(path)} cannot be read: {reason(exc)}; check the name.") from exc
    lines = [line.removesuffix(b"\r") for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    # Names are bytes, whatever they mean.
    found = [
        Path(line.decode("utf-8", "surrogateescape")) for line in lines if line.strip() and line[:1] != b"#"
    ]
    if not found:
        raise UsageError(f"--list {quoted(path)} names no input; write one a line.")
    return found


def read_jobs(path: Path, options: Options) -> list[Listed]:
    """Read jobs: each table `[[job]]` has an `input`, and may have a `style`, an `output`, and options by their names.

    Parameters
    ----------
    path
        The file, in TOML. What stands before the first table holds for every job.
    options
        What holds where the file says nothing.

    Raises
    ------
    InputError
        The file cannot be read.
    UsageError
        It is no TOML, or says what a job does not have.

    """
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as exc:
        raise InputError(f"--jobs {quoted(path)} cannot be read: {reason(exc)}; check the name.") from exc
    except ValueError as exc:
        raise UsageError(f"--jobs {quoted(path)} is no TOML: {reason(exc)}; correct it there.") from exc
    tables = content.pop("job", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f'--jobs {quoted(path)} has no job; write [[job]], and below it input = "in.mp4".')
    return [
        _listed(content | table, options, f"--jobs {quoted(path)}, job {n}")
        for n, table in enumerate(tables, 1)
    ]


def _listed(table: Mapping[str, Any], options: Options, where: str) -> Listed:
    rest = {key.removeprefix("--").replace("-", "_"): value for key, value in table.items()}
    inputs, styles = (
        _paths(rest.pop("input", None), where, "input"),
        _paths(rest.pop("style", None), where, "style"),
    )
    timed = _paths(rest.pop("style_at", None), where, "style-at")
    output = _paths(rest.pop("output", None), where, "output")
    if not inputs:
        raise UsageError(f'{where}: it has no input; add input = "in.mp4".')
    preset, quality = rest.pop("preset", None), rest.pop("quality", None)
    try:
        options = apply_preset(options, str(preset)) if preset else options
        if quality:
            options = apply_quality(options, str(quality), str(preset or "default"))
        options, unknown = replace_from_text(options, rest)
    except UsageError as exc:
        raise UsageError(f"{where}: {exc}") from None
    except (ValueError, TypeError) as exc:
        raise UsageError(f"{where}: {reason(exc)}; write the value as on the command line.") from None
    if unknown:
        name = next(iter(unknown)).replace("_", "-")
        raise UsageError(
            f"{where}: there is no option {name!r} for a job; vidstyle --help lists what there is."
        )
    return Listed(inputs, _styles(styles, timed, where) or None, output[0] if output else None, options)


def _paths(value: Any, where: str, name: str) -> tuple[Path, ...]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(item, str) and item for item in values):
        raise UsageError(f"{where}: {name} is no name of a file; write it in quotation marks.")
    return tuple(Path(item) for item in values)


def _styles(words: tuple[Path, ...], timed: tuple[Path, ...], where: str) -> tuple[Style, ...]:
    try:
        always = tuple(Style.parse(str(word)) for word in words)
        return always + tuple(Style.parse_at(str(word)) for word in timed)
    except UsageError as exc:
        raise UsageError(f"{where}: {exc}") from None
