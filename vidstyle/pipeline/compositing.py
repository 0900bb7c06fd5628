"""What is shown of painted frames: the painting itself, or a picture made of it and of the source.

Painting goes on from what was painted; this comes after, when a film is put together, and may be done anew.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import Interrupted
from vidstyle.imaging.recolor import transfer_chroma
from vidstyle.imaging.types import FrameSource, Image
from vidstyle.media.frame_png import read_frame, write_frame
from vidstyle.media.video.video import Video
from vidstyle.options.groups import Options, PainterKind
from vidstyle.options.keyframes import shares_at
from vidstyle.options.style import Colors, Style
from vidstyle.options.values import Time
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.work.frame_store import FrameStore


@dataclass(frozen=True)
class Compositing:
    """What becomes of a painted frame before it is shown."""

    strength: float = 1.0
    """Share of the painting; the rest is the source."""
    strengths: tuple[tuple[str, float], ...] = ()
    """The same at times, in whose place it then stands."""
    chroma: bool = False
    """Whether the source's chroma is put over the painted lightness."""
    masked: bool = False
    """Whether the painting covers only a part."""

    @property
    def changes(self) -> bool:
        """Whether anything is shown but the painting itself."""
        return self.strength < 1 or bool(self.strengths) or self.chroma or self.masked

    def at(self, video: Video | None, index: int) -> float:
        """Strength at a frame of a film, by its index."""
        if video is None or not self.strengths:
            return self.strength
        keyed = dict(sorted((video.second_of(Time.parse(time)), value) for time, value in self.strengths))
        shares = shares_at(list(keyed), video.timestamps[index])
        return sum(share * value for share, value in zip(shares, keyed.values(), strict=True))

    def __call__(
        self,
        painted: Image,
        source: Image,
        cover: NDArray[np.float32] | None = None,
        strength: float | None = None,
    ) -> Image:
        """Make of a painted frame and its source, [H, W, 3] each, what is shown where `cover`, [H, W], lets it."""
        if self.chroma:
            painted = transfer_chroma(painted, source)
        share = np.float32(self.strength if strength is None else strength) * (
            np.float32(1) if cover is None else cover[..., None]
        )
        return np.asarray(source + share * (painted - source), np.float32)


def compositing_of(options: Options, styles: Sequence[Style] = ()) -> Compositing:
    """Read from the options and styles of a job what becomes of painted frames."""
    if options.painter is PainterKind.NONE:
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
    finish: Compositing,
    work: FrameStore,
    source: FrameSource,
    spec: JobSpec,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Path]:
    """Make what is shown of painted frames, for as long as it is needed.

    Parameters
    ----------
    finish
        What to make of them.
    work
        Where they lie.
    source
        The source's frames.
    measures
        Which frames of it are painted, where, and when they are shown.
    should_stop
        Asked at each frame; True gives up.

    Yields
    ------
    Path
        Folder of what is shown, each under the name of the painted frame.

    Raises
    ------
    Interrupted
        `should_stop` said so.
    VidstyleError
        Whatever reading or writing raised.

    """
    if not finish.changes:
        yield work.frames
        return
    folder = work.path / "shown"
    folder.mkdir(exist_ok=True)
    with source(spec.start) as images:
        for index, image in zip(range(spec.start, spec.stop), images, strict=False):
            if should_stop():
                raise Interrupted("Stopped; what is painted is kept.")
            path = work.frame(index)
            strength = finish.at(spec.video, index)
            shown = finish(read_frame(path), image, spec.masks.cover(index), strength)
            write_frame(folder / path.name, shown, durable=False)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
