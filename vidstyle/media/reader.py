"""The pictures of a film, one by one, upright and in the size to paint at."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import DecodeError, quoted
from vidstyle.media.files import check_readable, plain_name
from vidstyle.media.probe import WHITELISTS, Frame, Video
from vidstyle.media.salvage import survivors

# OpenCV's FFmpeg takes options from the environment only; it reads the level of its log once, at the first film.
os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "|".join(f"{k};{v}" for k, v in WHITELISTS.items())
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class VideoReader:
    """Frames [start, stop) of a film in the order in which they are shown.

    It is a context manager and can be gone through once. Frames before `start` are decoded and passed over, for
    seeking is not exact in every container.

    Parameters
    ----------
    video
        The film.
    frame
        Size of the pictures to give.
    start, stop
        Range of frames; `stop` None goes to the end.

    Raises
    ------
    DecodeError
        The film cannot be opened; while iterating: it gives fewer frames than it should.
    """

    def __init__(self, video: Video, frame: Frame, start: int = 0, stop: int | None = None) -> None:
        self._video = video
        self._frame = frame
        self._start = start
        self._stop = video.frames if stop is None else stop
        check_readable(video.path)
        with ExitStack() as stack:
            name = stack.enter_context(plain_name(video.path))
            self._capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
            stack.callback(self._capture.release)
            if not self._capture.isOpened():
                raise DecodeError(
                    f"{quoted(video.path)} cannot be opened for decoding; convert it to H.264 first."
                )
            # OpenCV's own turning takes a mirrored picture for one upside down.
            self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Yield pictures [H, W, 3], RGB in [0, 1]."""
        for stored in self._survivors() if self._video.damage else self._decoded():
            yield resize(self._upright(stored), self._frame.width, self._frame.height)

    def _decoded(self) -> Iterator[NDArray[np.uint8]]:
        """Yield pictures as they are stored, [h, w, 3], BGR."""
        for index in range(self._stop):
            if not self._capture.grab():
                raise self._lost(index)
            if index < self._start:
                continue
            decoded, stored = self._capture.retrieve()
            if not decoded:
                raise self._lost(index)
            yield np.asarray(stored, np.uint8)

    def _survivors(self) -> Iterator[NDArray[np.uint8]]:
        """Yield those of a damaged film: OpenCV stops at the first bad packet, and does not say which picture is the next."""
        index = -1
        for index, frame in enumerate(islice(survivors(self._video.path, self._video.index), self._stop)):
            if index >= self._start:
                yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
        if index + 1 < self._stop:
            raise self._lost(index + 1)

    def _upright(self, stored: NDArray[np.uint8]) -> NDArray[np.float32]:
        image = stored[:, ::-1] if self._video.mirrored else stored
        image = np.rot90(image, -self._video.rotation // 90)  # Against the clock, in quarters.
        if image.shape[:2] != (self._video.height, self._video.width):
            raise DecodeError(
                f"{quoted(self._video.path)} changes its size to {image.shape[1]} x {image.shape[0]} midway;"
                " convert it to one size first."
            )
        return np.asarray(image[..., ::-1], np.float32, order="C") / np.float32(255)

    def _lost(self, index: int) -> DecodeError:
        return DecodeError(
            f"{quoted(self._video.path)} gives only {index} of its {self._video.frames} frames: it is damaged at"
            f" {float(self._video.timestamps[index]):.2f} s; repair it, or end before with --end {index}f."
        )


def resize(image: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Bring a picture [H, W, 3] in [0, 1] to `width` x `height`, averaging where it shrinks."""
    if image.shape[:2] == (height, width):
        return np.ascontiguousarray(image)
    if height <= image.shape[0] and width <= image.shape[1]:
        return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    # Wide pixels grow to square ones in one direction; the cubic's overshoot would leave the range.
    enlarged = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(enlarged, 0, 1), np.float32)
