"""Masks: a picture, a film or a sequence that is bright, or opaque, where something holds."""

import dataclasses
import math
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import InputError, quoted
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.open import photo_size
from vidstyle.media.photo.reader import read_alpha, read_photo
from vidstyle.media.video.image_sequence import names_sequence, stills_of
from vidstyle.media.video.probe import Kind, kind_of, probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.video import Video

Plane = NDArray[np.float32]

STRETCH = 0.03
"""A mask's shape may differ from the picture's by so much: sides are rounded."""
CHUNK = 32
"""Pictures of a film that are held, as bytes: it is read forward only, and may be asked for backward."""
_SLACK_S = Fraction(1, 1000)
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


class Mask:
    """One picture for all frames.

    Parameters
    ----------
    path
        The file.
    frame
        Size to bring it to.

    Raises
    ------
    InputError
        It cannot be read, or has another shape.
    """

    moves = False
    """Whether it may differ from frame to frame."""

    def __init__(self, path: Path, frame: FrameSize) -> None:
        self.path, self.frame = path, frame
        self.size = self._size()
        _check_shape(path, self.size, frame)

    def _size(self) -> tuple[int, int]:
        return photo_size(self.path)

    @property
    def note(self) -> str | None:
        """Say that it is scaled, where it is."""
        if self.size == (self.frame.width, self.frame.height):
            return None
        return (
            f"the mask {quoted(self.path)} is {self.size[0]} x {self.size[1]} pixels, and is brought to "
            f"{self.frame.width} x {self.frame.height}"
        )

    def at(self, _index: int) -> Plane:
        """Mask of a frame, by its index in the source, [H, W] in [0, 1]."""
        if not hasattr(self, "_plane"):
            self._plane = still(self.path, self.frame)
        return self._plane


class SequenceMask(Mask):
    """A picture a frame, in files of their own, from the source's first frame on."""

    moves = True

    def __init__(self, path: Path, frame: FrameSize, stop: int) -> None:
        self.stills = stills_of(path)
        super().__init__(path, frame)
        if len(self.stills) < stop:
            raise InputError(
                f"The mask {quoted(path)} has {len(self.stills)} pictures, and frames up to number {stop} are painted; "
                "add pictures, or end before with --end."
            )

    def _size(self) -> tuple[int, int]:
        return photo_size(self.stills[0])

    def at(self, index: int) -> Plane:
        """As `Mask.at`."""
        return still(self.stills[index], self.frame)


class FilmMask(Mask):
    """A film that shows at each moment what holds in the source then."""

    moves = True

    def __init__(self, path: Path, frame: FrameSize, video: Video, stop: int) -> None:
        film = probe_video(path)
        self.film = dataclasses.replace(film, keeps_alpha=film.alpha)
        super().__init__(path, frame)
        last = video.timestamps[stop - 1]
        if last >= film.duration + _SLACK_S:
            raise InputError(
                f"The mask {quoted(path)} lasts {float(film.duration):.2f} s, and frames up to {float(last):.2f} s are painted; "
                "give a longer one, or end before with --end."
            )
        self._times = video.timestamps
        self._chunks: dict[int, NDArray[np.uint8]] = {}
        self._next, self._pictures = 0, iter(())
        self._open = ExitStack()

    def _size(self) -> tuple[int, int]:
        return round(self.film.width * self.film.pixel_aspect), self.film.height

    def at(self, index: int) -> Plane:
        """As `Mask.at`."""
        wanted = max(0, bisect_right(self.film.timestamps, self._times[index] + _SLACK_S) - 1)
        chunk = wanted // CHUNK
        if chunk not in self._chunks:
            while len(self._chunks) > 1:
                del self._chunks[next(iter(self._chunks))]
            self._chunks[chunk] = self._load(chunk)
        return np.asarray(self._chunks[chunk][wanted % CHUNK] / np.float32(255), np.float32)

    def _load(self, chunk: int) -> NDArray[np.uint8]:
        if self._next != chunk * CHUNK or not chunk:
            self._open.close()
            reader = self._open.enter_context(VideoReader(self.film, self.frame, chunk * CHUNK))
            self._pictures = reader.alphas() if self.film.alpha else map(_bright, reader)
        number = min(CHUNK, self.film.frames - chunk * CHUNK)
        found = [
            np.rint(255 * plane).astype(np.uint8)
            for _, plane in zip(range(number), self._pictures, strict=False)
        ]
        self._next = (chunk + 1) * CHUNK
        return np.stack(found)

    _pictures: Iterator[Plane]


def open_mask(path: Path, frame: FrameSize, video: Video | None, stop: int) -> Mask:
    """Open a mask for a job.

    Parameters
    ----------
    path
        A picture, a film, a folder of pictures, or a pattern such as `masks/%04d.png`.
    frame
        Size to bring it to.
    video
        The film that it is for; None for a photo.
    stop
        Frame of the film before which painting ends.

    Raises
    ------
    InputError
        It cannot be read, has another shape than the frame, or ends before the film.
    """
    sequence = names_sequence(path) or path.is_dir()
    if not sequence and kind_of(path) is Kind.PHOTO:
        return Mask(path, frame)
    if video is None:
        raise InputError(f"The mask {quoted(path)} moves, and what it is for does not; give a picture.")
    return SequenceMask(path, frame, stop) if sequence else FilmMask(path, frame, video, stop)


def still(path: Path, frame: FrameSize) -> Plane:
    """Read a picture as a mask, [H, W] in [0, 1]: how opaque it is, or else how bright."""
    alpha = read_alpha(path, frame)
    if alpha is not None and alpha.min() < 1:
        return np.clip(alpha, 0, 1)
    return _bright(read_photo(path, frame))


def _bright(image: NDArray[np.float32]) -> Plane:
    return np.asarray(np.clip(image @ _LUMA, 0, 1), np.float32)


def _check_shape(path: Path, size: tuple[int, int], frame: FrameSize) -> None:
    shown = frame.width * frame.pixel_aspect / frame.height
    apart = abs(math.log(size[0] / size[1] / float(shown)))
    if apart > STRETCH + 2 / min(*size, frame.width, frame.height):
        raise InputError(
            f"The mask {quoted(path)} is {size[0]} x {size[1]} pixels, another shape than the {frame.width} x {frame.height} "
            "that are painted; crop it as the source."
        )
