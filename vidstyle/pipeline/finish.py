"""What is shown of painted frames: the painting itself, or a picture made of it and of the source.

Painting goes on from what was painted; this comes after, when a film is put together, and may be done anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import Interrupted
from vidstyle.media.frames import read_frame, write_frame
from vidstyle.media.palettes import colored
from vidstyle.options import Options, PainterKind
from vidstyle.pipeline.passes import Source
from vidstyle.styling import Colors, Style

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Finish:
    """What becomes of a painted frame before it is shown."""

    strength: float = 1.0
    """Share of the painting; the rest is the source."""
    chroma: bool = False
    """Whether the source's chroma is put over the painted lightness."""
    masked: bool = False
    """Whether the painting covers only a part."""

    @property
    def changes(self) -> bool:
        """Whether anything is shown but the painting itself."""
        return self.strength < 1 or self.chroma or self.masked

    def __call__(self, painted: Image, source: Image, cover: NDArray[np.float32] | None = None) -> Image:
        """Make of a painted frame and its source, [H, W, 3] each, what is shown where `cover`, [H, W], lets it."""
        if self.chroma:
            painted = colored(painted, source)
        share = np.float32(self.strength) * (np.float32(1) if cover is None else cover[..., None])
        return np.asarray(source + share * (painted - source), np.float32)


def finish_of(options: Options, styles: Sequence[Style] = ()) -> Finish:
    """Read from the options and styles of a job what becomes of painted frames."""
    if options.painter is PainterKind.NONE:
        return Finish()
    style = options.style
    return Finish(
        style.strength,
        chroma=style.colors in {Colors.SOURCE, Colors.LUMINANCE},
        masked=bool(style.mask or any(one.mask for one in styles)),
    )


def finish_frames(
    finish: Finish,
    painted: Callable[[int], Path],
    source: Source,
    frames: range,
    folder: Path,
    cover: Callable[[int], NDArray[np.float32] | None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Write what is shown of painted frames.

    Parameters
    ----------
    finish
        What to make of them.
    painted
        Where a painted frame lies, by its index in the source.
    source
        The source's frames.
    frames
        Their indices.
    folder
        Where to write them, under the same names.
    cover
        What of a frame is painted, [H, W], by its index; None for all of it.
    should_stop
        Asked at each frame; True gives up.

    Raises
    ------
    Interrupted
        `should_stop` said so.
    VidstyleError
        Whatever reading or writing raised.

    """
    folder.mkdir(parents=True, exist_ok=True)
    with source(frames.start) as images:
        for index, image in zip(frames, images, strict=False):
            if should_stop():
                raise Interrupted("Stopped; what is painted is kept.")
            path = painted(index)
            write_frame(folder / path.name, finish(read_frame(path), image, cover(index)), durable=False)
