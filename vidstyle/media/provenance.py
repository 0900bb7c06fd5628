"""What a result says of how it was made: the command, in its metadata."""

from collections.abc import Collection, Iterator
from pathlib import Path

import av

from vidstyle.media.encode.containers import CONTAINERS
from vidstyle.media.photo.metadata import NOTE_KEY
from vidstyle.media.photo.open import NoPictureError, decode_errors, open_image
from vidstyle.media.video.probe import WHITELISTS, kind_of

BEGINS = "vidstyle "
"""What a note begins with, by which it is told from whatever else stands there."""


def film_note(note: str, tag: str | None, taken: Collection[str] = ()) -> Iterator[str]:
    """Arguments of ffmpeg that write a note into a film, where its container has a place for it that no tag has taken."""
    if note and tag and tag not in {other.lower() for other in taken}:
        yield from ("-metadata", f"{tag}={note}")


def read_note(path: Path) -> str | None:
    """Read the note of a result; None where it has none.

    Raises
    ------
    ProbeError
        It is neither picture nor film.
    """
    kind_of(path)  # Raises for what is neither.
    try:
        found = _of_image(path)
    except NoPictureError:
        found = _of_film(path)
    return next((text for text in found if text.startswith(BEGINS)), None)


def _of_image(path: Path) -> list[str]:
    with open_image(path) as image, decode_errors(path):
        image.load()  # A PNG says the last of it behind its pixels.
        comment = image.info.get("comment", b"")
        told = comment.decode("utf-8", "replace") if isinstance(comment, bytes) else str(comment)
        return [str(getattr(image, "text", {}).get(NOTE_KEY, "")), told]


def _of_film(path: Path) -> list[str]:
    tags = {each.note_tag.upper() for each in CONTAINERS.values() if each.note_tag}
    with av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace") as container:
        return [str(value) for key, value in container.metadata.items() if key.upper() in tags]
