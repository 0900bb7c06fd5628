"""Writer of photos: in the format that the ending names, stored as the source was."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.media.files import check_writable, replace_with
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.formats import StorageHints, photo_format_of, read_hints
from vidstyle.media.photo.metadata import NOTE_KEY, Metadata, read_metadata
from vidstyle.media.photo.open import decode_errors, open_image
from vidstyle.media.photo.reader import Rendering, choose_rendering, read_alpha


def check_photo_output(path: Path) -> None:
    """Check before any work is done that a photo can be written to `path`.

    Raises
    ------
    UsageError
        The ending names no photo format.
    OutputError
        The folder is missing or cannot be written, or `path` is a folder.
    """
    photo_format_of(path)
    check_writable(path)


def rendering_for(
    source: Path, output: Path, background: tuple[int, int, int] = (255, 255, 255)
) -> Rendering:
    """Choose a photo's rendering: its own wide gamut and transparency, where the output's format stores them.

    Raises
    ------
    ProbeError
        It is not an image, or too large to decode safely.
    UsageError
        The output's ending names no photo format.
    """
    row = photo_format_of(output)
    return choose_rendering(source, profile=row.profile, alpha=row.alpha, background=background)


def write_photo(
    path: Path,
    image: NDArray[np.float32],
    rendering: Rendering | None = None,
    *,
    like: Path | None = None,
    strip: bool = False,
    note: str = "",
) -> None:
    """Write a photo atomically, in the format that its ending names.

    Parameters
    ----------
    path
        File to write.
    image
        RGB [H, W, 3] in [0, 1], in the rendering's profile.
    rendering
        From `rendering_for`; sRGB without transparency by default.
    like
        The photo that it was painted from: the result has its depth, quality, transparency and metadata, as
        far as the format supports them.
    strip
        Whether the photo's metadata are omitted, except its resolution.
    note
        Command that made the result, for its metadata, where the format has a place for it.

    Raises
    ------
    UsageError
        The ending names no photo format.
    InputError
        The photo can no longer be read.
    OutputError
        The file cannot be written.
    """
    row, rendering = photo_format_of(path), rendering or Rendering()
    height, width = image.shape[:2]
    hints, metadata, alpha = StorageHints(), Metadata(), None
    if like:
        with open_image(like) as source, decode_errors(like):
            hints = read_hints(source, like)
            source.load()
            metadata = read_metadata(source, width, height, strip=strip)
        alpha = read_alpha(like, FrameSize(width, height, Fraction(1))) if rendering.alpha else None
    if note and not strip:
        own = tuple(text for text in metadata.texts if text[0] != NOTE_KEY)
        comment = metadata.comment or note.encode("utf-8", "replace")
        metadata = replace(metadata, texts=(*own, (NOTE_KEY, note)), comment=comment)
    if alpha is not None:
        image = np.concatenate([image, alpha[..., None]], axis=-1)  # [H, W, 4]
    depth = np.uint16 if hints.deep and row.deep else np.uint8
    pixels = np.rint(np.clip(image, 0, 1) * np.float32(np.iinfo(depth).max)).astype(depth)
    replace_with(path, row.encode(pixels, rendering.profile, metadata, hints))
