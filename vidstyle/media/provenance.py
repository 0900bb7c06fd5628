"""Provenance of a result: the command that made it, as a note in its metadata."""

from pathlib import Path

import av

from vidstyle.media.encode.containers import CONTAINERS
from vidstyle.media.photo.metadata import NOTE_KEY
from vidstyle.media.photo.open import NoPictureError, decode_errors, open_image
from vidstyle.media.video.probe import WHITELISTS, kind_of

NOTE_PREFIX = "vidstyle "
"""Beginning of a note, which distinguishes it from other text in the same place."""


def read_note(path: Path) -> str | None:
    """Read the note of a result; None if it has none.

    Raises
    ------
    ProbeError
        The file is neither a photo nor a video.

    """
    kind_of(path)  # Raises for what is neither.
    try:
        texts = _image_texts(path)
    except NoPictureError:
        texts = _video_texts(path)
    return next((text for text in texts if text.startswith(NOTE_PREFIX)), None)


def _image_texts(path: Path) -> list[str]:
    with open_image(path) as image, decode_errors(path):
        image.load()  # A PNG may have text after its pixels.
        comment = image.info.get("comment", b"")
        decoded = comment.decode("utf-8", "replace") if isinstance(comment, bytes) else str(comment)
        return [str(getattr(image, "text", {}).get(NOTE_KEY, "")), decoded]


def _video_texts(path: Path) -> list[str]:
    tags = {each.note_tag.upper() for each in CONTAINERS.values() if each.note_tag}
    with av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace") as container:
        return [str(value) for key, value in container.metadata.items() if key.upper() in tags]
