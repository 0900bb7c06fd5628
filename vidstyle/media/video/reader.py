"""Reader of a video's frames: upright, and resized to the size to paint at."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np

from vidstyle.errors import DecodeError, quoted
from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Image, Mask
from vidstyle.media.geometry import FrameSize
from vidstyle.media.video.decoders import open_decoder
from vidstyle.media.video.video import Video


class VideoReader:
    """Frames [start, stop) of a video in the order of display.

    It is a context manager and can be iterated once. Frames before `start` are decoded and skipped, as
    seeking is not exact in every container.

    Parameters
    ----------
    video
        The video.
    frame
        Size of the frames to give.
    start, stop
        Range of frames; `stop` None is the end.

    Raises
    ------
    DecodeError
        The video cannot be opened; while iterating: it has fewer frames than expected, or changes its size.
    """

    def __init__(self, video: Video, frame: FrameSize, start: int = 0, stop: int | None = None) -> None:
        self._video = video
        self._frame = frame
        self._start = start
        self._stop = video.frames if stop is None else stop
        self._decoder = open_decoder(video)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._decoder.release()

    def __iter__(self) -> Iterator[Image]:
        """Yield frames [H, W, 3], RGB in [0, 1]; transparent ones on the background, unless alpha is kept."""
        width, height = self._frame.width, self._frame.height
        for image in self._upright_frames():
            if image.shape[2] == 3:
                yield resize(image, width, height)
                continue
            alpha = image[..., 3:]
            background = np.array(self._video.background, np.float32) / np.float32(255)
            if not self._video.keeps_alpha:
                yield resize(image[..., :3] * alpha + background * (1 - alpha), width, height)
                continue
            # Kept edges have the foreground's colour alone: the background would show as a fringe.
            premultiplied = resize(image[..., :3] * alpha, width, height)
            share = _with_channel(resize(alpha, width, height))
            straight = premultiplied / np.maximum(share, np.float32(1e-6))
            yield np.where(share > 0, straight, background).clip(0, 1)

    def alphas(self) -> Iterator[Mask]:
        """Yield the opacity of the frames instead, [H, W] in [0, 1]; 1 is opaque."""
        for image in self._upright_frames():
            yield _with_channel(resize(image[..., 3:], self._frame.width, self._frame.height))[..., 0]

    def _upright_frames(self) -> Iterator[Image]:
        """Yield frames [h, w, 3 or 4] upright, in the source's own size."""
        picks = self._video.picks or range(self._video.frames)
        position, image = -1, None
        for index in range(self._start, self._stop):
            while position < picks[index]:
                position, image = position + 1, None
                if not self._decoder.grab():
                    raise self._ended_early(index)
            if image is None:
                stored = self._decoder.retrieve()
                if stored is None:
                    raise self._ended_early(index)
                image = self._upright(stored)
            yield image

    def _upright(self, stored: Image) -> Image:
        image = stored[:, ::-1] if self._video.mirrored else stored
        image = np.rot90(image, -self._video.rotation // 90)  # Counter-clockwise, in quarters.
        if image.shape[:2] != (self._video.height, self._video.width):
            raise DecodeError(
                f"{quoted(self._video.path)} changes its size to {image.shape[1]} x {image.shape[0]} midway; "
                "convert it to one size first."
            )
        return np.ascontiguousarray(image)

    def _ended_early(self, index: int) -> DecodeError:
        return DecodeError(
            f"{quoted(self._video.path)} gives only {index} of its {self._video.frames} frames: it is "
            f"damaged at {float(self._video.timestamps[index]):.2f} s; repair it, or stop there with --end "
            f"{index}f."
        )


def _with_channel(plane: Image) -> Image:
    """Restore the channel that OpenCV drops where it is the only one: [H, W, 1]."""
    return plane.reshape(*plane.shape[:2], 1)
