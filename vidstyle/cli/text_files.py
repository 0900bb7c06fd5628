"""Text files of a user, in the encodings that editors write: lists, and files of options and jobs in TOML."""

import codecs
import tomllib
from pathlib import Path
from typing import Any

from vidstyle.options.file_names import name_from_text

_ENCODINGS = {
    # The first of UTF-32 begins as one of UTF-16 does.
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


def to_utf8(data: bytes) -> bytes:
    """Convert text to UTF-8 by its byte-order mark; without one, its bytes stay.

    Raises
    ------
    ValueError
        It is damaged, or in UTF-16 without the mark.
    """
    for mark, encoding in _ENCODINGS.items():
        if data.startswith(mark):
            return data[len(mark) :] if mark == codecs.BOM_UTF8 else data.decode(encoding).encode()
    if b"\0" in data:
        raise ValueError("zero bytes, as in UTF-16 without a byte-order mark")
    return data


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, with its text as names of files.

    Raises
    ------
    OSError
        It cannot be read.
    ValueError
        It is not TOML.
    """
    content = tomllib.loads(to_utf8(path.read_bytes()).decode("utf-8"))
    return {key: _with_names(value) for key, value in content.items()}


def _with_names(value: Any) -> Any:
    if isinstance(value, str):
        return name_from_text(value)
    if isinstance(value, list):
        return [_with_names(item) for item in value]
    return {key: _with_names(item) for key, item in value.items()} if isinstance(value, dict) else value
