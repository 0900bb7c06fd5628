"""The pictures of a film, one by one, upright and in the size to paint at."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import DecodeError, quoted
from vidstyle.imaging.resize import resize
from vidstyle.media.files import check_readable, plain_name
from vidstyle.media.video.image_sequence import ImageSequenceDecoder
from vidstyle.media.video.pillow_decoder import PillowDecoder
from vidstyle.media.video.probe import WHITELISTS, FrameSize, Video
from vidstyle.media.video.pyav_decoder import Capture, PyAVDecoder
from vidstyle.media.video.video import Decoder

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

    def __init__(self, video: Video, frame: FrameSize, start: int = 0, stop: int | None = None) -> None:
        self._video = video
        self._frame = frame
        self._start = start
        self._stop = video.frames if stop is None else stop
        self._capture = _CAPTURES[video.source](video)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._capture.release()

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Yield pictures [H, W, 3], RGB in [0, 1]; what is transparent shows the background, unless that is kept."""
        width, height = self._frame.width, self._frame.height
        for image in self._stored():
            if image.shape[2] == 3:
                yield resize(image, width, height)
                continue
            alpha = image[..., 3:]
            below = np.array(self._video.background, np.float32) / np.float32(255)
            if not self._video.keeps_alpha:
                yield resize(image[..., :3] * alpha + below * (1 - alpha), width, height)
                continue
            # Where it is kept, the colours of edges are the thing's own, or the background would shine through as a fringe.
            over, share = resize(image[..., :3] * alpha, width, height), _one(resize(alpha, width, height))
            yield np.where(share > 0, over / np.maximum(share, np.float32(1e-6)), below).clip(0, 1)

    def alphas(self) -> Iterator[NDArray[np.float32]]:
        """Yield the transparency of the pictures instead, [H, W] in [0, 1]; 1 is opaque."""
        for image in self._stored():
            yield _one(resize(image[..., 3:], self._frame.width, self._frame.height))[..., 0]

    def _stored(self) -> Iterator[NDArray[np.float32]]:
        """Yield pictures [h, w, 3 or 4] upright, in the source's own size."""
        picks = self._video.picks or range(self._video.frames)
        place, image = -1, None
        for index in range(self._start, self._stop):
            while place < picks[index]:
                place, image = place + 1, None
                if not self._capture.grab():
                    raise self._lost(index)
            if image is None:
                stored = self._capture.retrieve()
                if stored is None:
                    raise self._lost(index)
                image = self._upright(stored)
            yield image

    def _upright(self, stored: NDArray[np.float32]) -> NDArray[np.float32]:
        image = stored[:, ::-1] if self._video.mirrored else stored
        image = np.rot90(image, -self._video.rotation // 90)  # Against the clock, in quarters.
        if image.shape[:2] != (self._video.height, self._video.width):
            raise DecodeError(
                f"{quoted(self._video.path)} changes its size to {image.shape[1]} x {image.shape[0]} midway;"
                " convert it to one size first."
            )
        return np.ascontiguousarray(image)

    def _lost(self, index: int) -> DecodeError:
        return DecodeError(
            f"{quoted(self._video.path)} gives only {index} of its {self._video.frames} frames: it is damaged at"
            f" {float(self._video.timestamps[index]):.2f} s; repair it, or end before with --end {index}f."
        )


class OpenCVDecoder:
    """Reads a film with OpenCV, and works around what it does not do right."""

    def __init__(self, video: Video) -> None:
        check_readable(video.path)
        with ExitStack() as stack:
            # It crashes on odd names, or takes them for patterns.
            name = stack.enter_context(plain_name(video.path))
            self._capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
            stack.callback(self._capture.release)
            if not self._capture.isOpened():
                raise DecodeError(
                    f"{quoted(video.path)} cannot be opened for decoding; convert it to H.264 first."
                )
            # Its own turning takes a mirrored picture for one upside down.
            self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
            self._ahead = self._capture.grab()
            self._stack = stack.pop_all()

    @property
    def decodes(self) -> bool:
        """Whether the first picture decodes; it is to be asked before any is grabbed."""
        return self._ahead

    def grab(self) -> bool:
        """Go on to the next frame; False at the end."""
        ahead, self._ahead = self._ahead, False
        return ahead or self._capture.grab()

    def retrieve(self) -> NDArray[np.float32] | None:
        """Decode the frame at hand, [h, w, 3], RGB in [0, 1]; None if it is damaged."""
        decoded, stored = self._capture.retrieve()  # [h, w, 3] uint8, BGR.
        if not decoded:
            return None
        return np.asarray(stored[..., ::-1], np.float32, order="C") / np.float32(255)

    def release(self) -> None:
        """Close the file."""
        self._stack.close()


def _film_capture(video: Video) -> Capture:
    capture = OpenCVDecoder(video)
    if capture.decodes:
        return capture
    # It opens films of codecs that it brings no decoder of, such as AV1.
    capture.release()
    return PyAVDecoder(video, WHITELISTS)


_CAPTURES: dict[Decoder, Callable[[Video], Capture]] = {
    Decoder.FILM: _film_capture,
    Decoder.CAREFUL: lambda video: PyAVDecoder(video, WHITELISTS),
    Decoder.ANIMATION: PillowDecoder,
    Decoder.SEQUENCE: ImageSequenceDecoder,
}


def _one(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the channel back that OpenCV drops where there is only one: [H, W, 1]."""
    return image.reshape(*image.shape[:2], 1)
