"""OpenCV decoder of common videos: fast, with workarounds for what it gets wrong."""

import os
from contextlib import ExitStack

import cv2
import numpy as np

from vidstyle.errors import DecodeError, quoted
from vidstyle.imaging.types import Image
from vidstyle.media.files import WHITELISTS, check_readable, plain_name
from vidstyle.media.video.video import Video

# OpenCV's FFmpeg takes options from the environment only; it reads its log level once, at the first video.
os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "|".join(f"{k};{v}" for k, v in WHITELISTS.items())
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class OpenCVDecoder:
    """Decoder of 8-bit opaque videos.

    Raises
    ------
    DecodeError
        The video cannot be opened.
    """

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
            # Its own rotation takes a mirrored frame for one upside down.
            self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
            self._grabbed_ahead = self._capture.grab()
            self._stack = stack.pop_all()

    @property
    def decodes(self) -> bool:
        """True if the first frame decodes; valid until a frame is grabbed."""
        return self._grabbed_ahead

    def grab(self) -> bool:
        """Advance to the next frame; return False at the end."""
        ahead, self._grabbed_ahead = self._grabbed_ahead, False
        return ahead or self._capture.grab()

    def retrieve(self) -> Image | None:
        """Convert the frame, [h, w, 3], RGB in [0, 1]; None if it is damaged."""
        decoded, stored = self._capture.retrieve()  # [h, w, 3] uint8, BGR.
        if not decoded:
            return None
        return np.asarray(stored[..., ::-1], np.float32, order="C") / np.float32(255)

    def release(self) -> None:
        """Close the file."""
        self._stack.close()
