"""Masks from files: a photo, a video or an image sequence that is bright, or opaque, where the mask is 1."""

import dataclasses
import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import InputError, quoted
from vidstyle.imaging.types import Image, Mask
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.open import photo_size
from vidstyle.media.photo.reader import read_alpha, read_photo
from vidstyle.media.video.image_sequence import is_sequence, list_sequence
from vidstyle.media.video.probe import Kind, kind_of, probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.video import Video

STRETCH = 0.03
"""Largest deviation of a mask's aspect ratio from the frame's: sides are rounded."""
CHUNK = 32
"""Frames of a mask's video kept as bytes: it is read forward only, but may be needed backward."""
_SLACK_S = Fraction(1, 1000)
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


class MaskFile(ABC):
    """Mask of a job's frames, from a file.

    Parameters
    ----------
    path
        The file.
    frame
        Size that it is resized to.

    Raises
    ------
    InputError
        It cannot be read, or has another aspect ratio.
    """

    moves: ClassVar[bool]
    """Whether it may differ from frame to frame."""

    def __init__(self, path: Path, frame: FrameSize) -> None:
        self.path, self.frame = path, frame
        self.size = self._read_size()
        _check_shape(path, self.size, frame)

    @abstractmethod
    def _read_size(self) -> tuple[int, int]:
        """Read its (width, height) as displayed, in pixels."""

    @abstractmethod
    def at(self, index: int) -> Mask:
        """Give the mask of a frame, by its index in the source, [H, W] in [0, 1]."""

    @property
    def note(self) -> str | None:
        """Report that it is resized; None where it is not."""
        if self.size == (self.frame.width, self.frame.height):
            return None
        return (
            f"the mask {quoted(self.path)} is {self.size[0]} x {self.size[1]} pixels, and is resized to "
            f"{self.frame.width} x {self.frame.height}"
        )


class PhotoMask(MaskFile):
    """Mask from one image for all frames."""

    moves = False

    def _read_size(self) -> tuple[int, int]:
        return photo_size(self.path)

    def at(self, _index: int) -> Mask:
        """Give the mask of any frame, as `MaskFile.at`."""
        return self._mask

    @cached_property
    def _mask(self) -> Mask:
        return read_mask(self.path, self.frame)


class SequenceMask(MaskFile):
    """Mask from an image sequence: one image per frame, from the source's first frame on."""

    moves = True

    def __init__(self, path: Path, frame: FrameSize, stop: int) -> None:
        self.stills = list_sequence(path)
        super().__init__(path, frame)
        if len(self.stills) < stop:
            raise InputError(
                f"The mask {quoted(path)} has {len(self.stills)} images, but frames up to number {stop} are "
                "painted; add images, or stop earlier with --end."
            )

    def _read_size(self) -> tuple[int, int]:
        return photo_size(self.stills[0])

    def at(self, index: int) -> Mask:
        """Give the mask of a frame, as `MaskFile.at`."""
        return read_mask(self.stills[index], self.frame)


class VideoMask(MaskFile):
    """Mask from a video: the frame that is shown at the time of the source's frame."""

    moves = True
    _planes: Iterator[Mask]

    def __init__(self, path: Path, frame: FrameSize, video: Video, stop: int) -> None:
        own = probe_video(path)
        self.own = dataclasses.replace(own, keeps_alpha=own.alpha)
        super().__init__(path, frame)
        last = video.timestamps[stop - 1]
        if last >= own.duration + _SLACK_S:
            raise InputError(
                f"The mask {quoted(path)} lasts {float(own.duration):.2f} s, but frames up to "
                f"{float(last):.2f} s are painted; give a longer one, or stop earlier with --end."
            )
        self._times = video.timestamps
        self._chunks: dict[int, NDArray[np.uint8]] = {}
        self._next, self._planes = 0, iter(())
        self._open = ExitStack()

    def _read_size(self) -> tuple[int, int]:
        return round(self.own.width * self.own.pixel_aspect), self.own.height

    def at(self, index: int) -> Mask:
        """Give the mask of a frame, as `MaskFile.at`."""
        wanted = max(0, bisect_right(self.own.timestamps, self._times[index] + _SLACK_S) - 1)
        chunk = wanted // CHUNK
        if chunk not in self._chunks:
            while len(self._chunks) > 1:
                del self._chunks[next(iter(self._chunks))]
            self._chunks[chunk] = self._read_chunk(chunk)
        return np.asarray(self._chunks[chunk][wanted % CHUNK] / np.float32(255), np.float32)

    def _read_chunk(self, chunk: int) -> NDArray[np.uint8]:
        if self._next != chunk * CHUNK or not chunk:
            self._open.close()
            reader = self._open.enter_context(VideoReader(self.own, self.frame, chunk * CHUNK))
            self._planes = reader.alphas() if self.own.alpha else map(_luma, reader)
        count = min(CHUNK, self.own.frames - chunk * CHUNK)
        read = [
            np.rint(255 * plane).astype(np.uint8)
            for _, plane in zip(range(count), self._planes, strict=False)
        ]
        self._next = (chunk + 1) * CHUNK
        return np.stack(read)


def open_mask(path: Path, frame: FrameSize, video: Video | None, stop: int) -> MaskFile:
    """Open a mask for a job.

    Parameters
    ----------
    path
        A photo, a video, a folder of images, or a pattern such as `masks/%04d.png`.
    frame
        Size that it is resized to.
    video
        The video that it is for; None for a photo.
    stop
        Frame of the video before which painting ends.

    Raises
    ------
    InputError
        It cannot be read, has another aspect ratio than the frame, or ends before the video.
    """
    in_files = is_sequence(path)
    if not in_files and kind_of(path) is Kind.PHOTO:
        return PhotoMask(path, frame)
    if video is None:
        raise InputError(f"The mask {quoted(path)} moves, but it is for a photo; give a single image.")
    return SequenceMask(path, frame, stop) if in_files else VideoMask(path, frame, video, stop)


def read_mask(path: Path, frame: FrameSize) -> Mask:
    """Read an image as a mask, [H, W] in [0, 1]: its opacity, or its luma where all of it is opaque."""
    alpha = read_alpha(path, frame)
    if alpha is not None and alpha.min() < 1:
        return np.clip(alpha, 0, 1)
    return _luma(read_photo(path, frame))


def _luma(image: Image) -> Mask:
    return np.asarray(np.clip(image @ _LUMA, 0, 1), np.float32)


def _check_shape(path: Path, size: tuple[int, int], frame: FrameSize) -> None:
    aspect = frame.width * frame.pixel_aspect / frame.height
    deviation = abs(math.log(size[0] / size[1] / float(aspect)))
    if deviation > STRETCH + 2 / min(*size, frame.width, frame.height):
        raise InputError(
            f"The mask {quoted(path)} is {size[0]} x {size[1]} pixels, another aspect ratio than the "
            f"{frame.width} x {frame.height} that are painted; crop it like the source."
        )
