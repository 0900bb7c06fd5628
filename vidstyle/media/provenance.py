"""Provenance of a result: the command that made it, as a note in its metadata."""

from collections.abc import Collection, Iterator
from pathlib import Path

import av

from vidstyle.media.files import WHITELISTS
from vidstyle.media.photo.open import open_image, whole
from vidstyle.media.video.probe import Kind, kind_of

NOTE_PREFIX = "vidstyle "
"""Beginning of a note, which distinguishes it from other text in the same place."""
PHOTO_KEY = "vidstyle"
"""Key of the note in a PNG's text."""
VIDEO_TAGS = {".mp4": "synopsis", ".mov": "comment", ".mkv": "VIDSTYLE", ".webm": "VIDSTYLE"}
"""Tag of the note, by the container's extension; other containers keep no note."""


def film_note(note: str, ending: str, taken: Collection[str] = ()) -> Iterator[str]:
    """Give ffmpeg's arguments that write a note into a video, unless its container's tag is taken."""
    if note and ending in VIDEO_TAGS and VIDEO_TAGS[ending] not in {tag.lower() for tag in taken}:
        yield from ("-metadata", f"{VIDEO_TAGS[ending]}={note}")


def read_note(path: Path) -> str | None:
    """Read the note of a result; None where it has none.

    Raises
    ------
    ProbeError
        It is neither photo nor video.
    """
    texts = _photo_texts(path) if kind_of(path) is Kind.PHOTO else _video_texts(path)
    return next((text for text in texts if text.startswith(NOTE_PREFIX)), None)


def _photo_texts(path: Path) -> list[str]:
    with open_image(path) as image, whole(path):
        image.load()  # A PNG may have text after its pixels.
        comment = image.info.get("comment", b"")
        decoded = comment.decode("utf-8", "replace") if isinstance(comment, bytes) else str(comment)
        return [str(getattr(image, "text", {}).get(PHOTO_KEY, "")), decoded]


def _video_texts(path: Path) -> list[str]:
    tags = {tag.upper() for tag in VIDEO_TAGS.values()}
    with av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace") as container:
        return [str(value) for key, value in container.metadata.items() if key.upper() in tags]
