"""Transparency of the source put back over what was painted."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from vidstyle.errors import EncodeError, Interrupted, quoted
from vidstyle.media.frame_png import read_frame
from vidstyle.media.geometry import FrameSize
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.video import Video


def with_alpha(
    frames: Path,
    video: Video,
    frame: FrameSize,
    start: int,
    stop: int,
    folder: Path,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Write painted pictures with the transparency of the source's.

    Parameters
    ----------
    frames
        Folder of painted pictures, 16-bit RGB, named by their index in the source: `000012.png`.
    video
        The source, whose pictures have transparency.
    frame
        Size of the painted pictures.
    start, stop
        Range of frames in the source.
    folder
        Where to write them, 16-bit RGBA, under the same names.
    should_stop
        Asked at each picture; True gives up.

    Raises
    ------
    DecodeError
        The source or a painted picture cannot be read.
    EncodeError
        A picture cannot be written.
    Interrupted
        `should_stop` said so.
    """
    with VideoReader(video, frame, start, stop) as reader:
        for index, alpha in enumerate(reader.alphas(), start):
            if should_stop():
                raise Interrupted(
                    "Interrupted while transparency was put back; run the same command to go on."
                )
            name = f"{index:06d}.png"
            painted = np.dstack([read_frame(frames / name)[..., ::-1], alpha])  # [H, W, 4], BGRA.
            levels = np.rint(painted * 65535).astype(np.uint16)
            _, encoded = cv2.imencode(".png", levels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
            try:
                (folder / name).write_bytes(encoded.tobytes())
            except OSError as exc:
                raise EncodeError(
                    f"{quoted(folder / name)} cannot be written: {exc.strerror}; free space."
                ) from exc
