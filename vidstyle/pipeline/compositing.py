"""Compositing of painted frames with their source: strength, chroma and masks.

Painted frames stay in the work folder as they are, and the next frames are painted from them; compositing
comes last, when the result is encoded, and can be done again with other options.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidstyle.errors import Interrupted
from vidstyle.imaging.recolor import transfer_chroma
from vidstyle.imaging.types import FrameSource, Image, Mask
from vidstyle.media.frame_png import read_frame, write_frame
from vidstyle.media.video.video import Video
from vidstyle.options.groups import Options
from vidstyle.options.keyframes import shares_at
from vidstyle.options.style import Colors, Style
from vidstyle.options.values import Time
from vidstyle.pipeline.painters.registry import painter_type
from vidstyle.pipeline.work.frame_store import FrameStore


@dataclass(frozen=True)
class Compositing:
    """Blend of painted frames and their source."""

    strength: float = 1.0
    """Share of the painting, in [0, 1]; the rest is the source."""
    strengths: tuple[tuple[str, float], ...] = ()
    """Keyframes of the strength, by their times, which replace the constant one."""
    chroma: bool = False
    """Whether the source's chroma is transferred to the painted lightness."""
    masked: bool = False
    """Whether the painting covers only a part of the frame."""

    @property
    def changes(self) -> bool:
        """Tell whether a composited frame differs from the painted one."""
        return self.strength < 1 or bool(self.strengths) or self.chroma or self.masked

    def strength_at(self, video: Video | None, index: int) -> float:
        """Interpolate the strength at a frame, by its index in the source."""
        if video is None or not self.strengths:
            return self.strength
        keyed = dict(sorted((video.second_of(Time.parse(time)), value) for time, value in self.strengths))
        shares = shares_at(list(keyed), video.timestamps[index])
        return sum(share * value for share, value in zip(shares, keyed.values(), strict=True))

    def __call__(
        self,
        painted: Image,
        source: Image,
        cover: Mask | None = None,
        strength: float | None = None,
    ) -> Image:
        """Composite a painted frame over its source, [H, W, 3] each, where `cover`, [H, W], is above 0."""
        if self.chroma:
            painted = transfer_chroma(painted, source)
        share = np.float32(self.strength if strength is None else strength) * (
            np.float32(1) if cover is None else cover[..., None]
        )
        return np.asarray(source + share * (painted - source), np.float32)


def compositing_of(options: Options, styles: Sequence[Style] = ()) -> Compositing:
    """Read from the options and styles of a job how its frames are composited."""
    if not painter_type(options).paints:
        return Compositing()
    style = options.style
    return Compositing(
        style.strength,
        tuple((str(time), value) for time, value in style.strengths),
        chroma=style.colors in {Colors.SOURCE, Colors.LUMINANCE},
        masked=bool(style.mask or any(one.mask for one in styles)),
    )


@contextmanager
def composited_frames(
    compositing: Compositing,
    store: FrameStore,
    source: FrameSource,
    indices: range,
    *,
    video: Video | None = None,
    cover: Callable[[int], Mask | None] = lambda _index: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Path]:
    """Composite painted frames into a folder that exists within the `with` block.

    Parameters
    ----------
    compositing
        Blend of painted frames and their source.
    store
        Painted frames.
    source
        Frames of the source.
    indices
        Painted frames, by their indices in the source.
    video
        The source, by whose timestamps the strength is interpolated; None for a photo.
    cover
        Gives where a frame is painted, [H, W] in [0, 1], by its index; None for the whole frame.
    should_stop
        Called at each frame; True ends it.

    Yields
    ------
    Path
        Folder of the composited frames, each under the name of the painted one; without any change, that of
        the painted frames themselves.

    Raises
    ------
    Interrupted
        `should_stop` returned True.
    VidstyleError
        Reading or writing failed.

    """
    if not compositing.changes:
        yield store.frames
        return
    folder = store.path / "composited"
    folder.mkdir(exist_ok=True)
    with source(indices.start) as images:
        for index, image in zip(indices, images, strict=False):
            if should_stop():
                raise Interrupted("stopped; painted frames are kept.")
            path = store.frame(index)
            strength = compositing.strength_at(video, index)
            composited = compositing(read_frame(path), image, cover(index), strength)
            write_frame(folder / path.name, composited, durable=False)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
