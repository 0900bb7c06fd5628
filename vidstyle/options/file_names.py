"""Names of files as text in any locale: Python decodes names by its encoding, which is ASCII under `C`."""

import os


def name_from_text(text: str) -> str:
    """Convert text from a file, or for a program, to a name whose bytes are the text in UTF-8."""
    return os.fsdecode(text.encode("utf-8", "surrogateescape"))
