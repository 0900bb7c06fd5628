"""Style pictures as a job looks at them: cut out, sized, in the colours to paint in."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.recolor import Palette, matched, matched_grey
from vidstyle.imaging.resize import resize
from vidstyle.media.geometry import Frame
from vidstyle.media.photo.icc import SRGB
from vidstyle.media.photo.reader import Rendering, read_photo
from vidstyle.options.style import Crop

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """What is made of a style picture before its style is taken."""

    crop: Crop | None = None
    """The only part of it that is taken."""
    profile: bytes = SRGB
    """Colours to bring it to."""
    palette: Palette | None = None
    """The source's, which it is to have."""
    grey: bool = False
    """Whether only its lightness counts."""


def read_style(path: Path, size: Frame, look: Look) -> Image:
    """Read a style picture at a size, [H, W, 3].

    Raises
    ------
    InputError
        As `media.photos.read_photo`.

    """
    rendering = Rendering(look.profile)
    if look.crop is None:
        image = read_photo(path, size, rendering)
    else:
        left, top, width, height = vars(look.crop).values()
        part = read_photo(path, None, rendering)[top : top + height, left : left + width]
        image = resize(np.ascontiguousarray(part), size.width, size.height)
    if look.palette is None:
        return image
    return matched_grey(image, look.palette) if look.grey else matched(image, look.palette)
