"""Files that list inputs, one per line, and files of jobs, one TOML table per job."""

import glob
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidstyle.cli.exit_codes import HELP
from vidstyle.cli.renamed_options import current_name
from vidstyle.cli.text_files import read_toml, to_utf8
from vidstyle.errors import InputError, UsageError, quoted, reason
from vidstyle.options.groups import Options
from vidstyle.options.style import Style
from vidstyle.options.text import apply_preset, apply_quality, replace_from_text


@dataclass(frozen=True)
class ListedJob:
    """Job of a file of jobs; None stands for the value of the command line."""

    inputs: tuple[Path, ...]
    styles: tuple[Style, ...] | None
    output: Path | None
    options: Options


def read_list(path: Path) -> list[Path]:
    """Read inputs, one per line, from a file or from stdin (`-`), without empty lines and comments (`#`).

    A line with wildcards (`*`, `?`, `[...]`, `**`) stands for the files that it matches.

    Raises
    ------
    InputError
        The list cannot be read.
    UsageError
        The list is empty, or not text.

    """
    try:
        data = to_utf8(sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes())
        lines = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    except OSError as exc:
        raise InputError(f"--list {quoted(path)} cannot be read: {reason(exc)}; check the name.") from exc
    except ValueError as exc:
        raise UsageError(f"--list {quoted(path)} is not text ({reason(exc)}); save it as UTF-8.") from exc
    # Names are bytes in any encoding.
    names = [os.fsdecode(line) for line in lines if line.strip() and line[:1] != b"#"]
    if not names:
        raise UsageError(f"--list {quoted(path)} is empty; write one input per line.")
    return [entry for name in names for entry in _expand(name)]


def _expand(name: str) -> list[Path]:
    """List the files that a name with wildcards matches, in natural order.

    What is a file as a whole is that file. A name that matches nothing stays, and fails in its turn.
    """
    from vidstyle.pipeline.plan.albums import natural_order  # noqa: PLC0415 - slow to import.

    if not glob.has_magic(name) or os.path.lexists(name):
        return [Path(name)]
    return sorted(map(Path, glob.glob(name, recursive=True)), key=natural_order) or [Path(name)]  # noqa: PTH207


def read_jobs(path: Path, options: Options) -> list[ListedJob]:
    """Read jobs: a table `[[job]]` has an `input`, and may have a `style`, an `output`, and options by name.

    Parameters
    ----------
    path
        The TOML file. Values before the first table apply to every job.
    options
        Options of the command line, which the file replaces.

    Raises
    ------
    InputError
        The file cannot be read.
    UsageError
        The file is not TOML, or has an invalid job.

    """
    try:
        content = read_toml(path)
    except OSError as exc:
        raise InputError(f"--jobs {quoted(path)} cannot be read: {reason(exc)}; check the name.") from exc
    except ValueError as exc:
        raise UsageError(f"--jobs {quoted(path)} is not valid TOML: {reason(exc)}; correct it.") from exc
    tables = content.pop("job", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f'--jobs {quoted(path)} has no job; write [[job]], and below it input = "in.mp4".')
    return [
        _read_job(content | table, options, f"--jobs {quoted(path)}, job {number}")
        for number, table in enumerate(tables, 1)
    ]


def _read_job(table: Mapping[str, Any], options: Options, where: str) -> ListedJob:
    names = {key: current_name(key.removeprefix("--").replace("_", "-")) for key in table}
    values = {names[key].replace("-", "_"): value for key, value in table.items()}
    inputs = _read_names(values.pop("input", None), where, "input")
    styles = _read_names(values.pop("style", None), where, "style")
    timed_styles = _read_names(values.pop("style_at", None), where, "style-at")
    output = _read_names(values.pop("output", None), where, "output")
    if not inputs:
        raise UsageError(f'{where}: no input; add input = "in.mp4".')
    preset, quality = values.pop("preset", None), values.pop("quality", None)
    try:
        options = apply_preset(options, str(preset)) if preset else options
        if quality:
            options = apply_quality(options, str(quality), str(preset or "default"))
        options, unknown = replace_from_text(options, values)
    except UsageError as exc:
        raise UsageError(f"{where}: {exc}") from None
    except (ValueError, TypeError) as exc:
        raise UsageError(f"{where}: {reason(exc)}; write the value as on the command line.") from None
    if unknown:
        name = next(iter(unknown)).replace("_", "-")
        raise UsageError(f"{where}: unknown option {name!r} of a job; {HELP}.")
    found = _parse_styles(styles, timed_styles, where)
    return ListedJob(tuple(map(Path, inputs)), found or None, Path(output[0]) if output else None, options)


def _read_names(value: Any, where: str, key: str) -> tuple[str, ...]:
    """Read one name, or a list of them."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(item, str) and item for item in values):
        raise UsageError(f"{where}: invalid {key}: write the name of a file, in quotation marks.")
    return tuple(values)


def _parse_styles(styles: tuple[str, ...], timed_styles: tuple[str, ...], where: str) -> tuple[Style, ...]:
    try:
        return (*map(Style.parse, styles), *map(Style.parse_at, timed_styles))
    except UsageError as exc:
        raise UsageError(f"{where}: {exc}") from None
