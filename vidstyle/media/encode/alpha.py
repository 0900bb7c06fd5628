"""Transparency of the source in the painted frames."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from vidstyle.errors import EncodeError, Interrupted, quoted, reason
from vidstyle.media.encode.segment import Segment
from vidstyle.media.frame_png import read_frame
from vidstyle.media.geometry import FrameSize
from vidstyle.media.video.reader import VideoReader


def add_alpha(
    frames: Path,
    segment: Segment,
    size: FrameSize,
    folder: Path,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Write painted frames with the transparency of the source's.

    Parameters
    ----------
    frames
        Folder of painted frames, 16-bit RGB, named by their index in the source: `000012.png`.
    segment
        Range of the source, whose frames have transparency.
    size
        Size of the painted frames.
    folder
        Where to write them, 16-bit RGBA, under the same names.
    should_stop
        Called at each frame; True interrupts.

    Raises
    ------
    DecodeError
        The source or a painted frame cannot be read.
    EncodeError
        A frame cannot be written.
    Interrupted
        `should_stop` returned True.
    """
    with VideoReader(segment.video, size, segment.start, segment.stop) as reader:
        for index, alpha in enumerate(reader.alphas(), segment.start):
            if should_stop():
                raise Interrupted("Interrupted while restoring transparency; rerun the command to continue.")
            name = f"{index:06d}.png"
            painted = np.dstack([read_frame(frames / name)[..., ::-1], alpha])  # [H, W, 4], BGRA.
            levels = np.rint(painted * 65535).astype(np.uint16)
            # By OpenCV, since Pillow and so imageio write 8 bits of RGBA only.
            _, encoded = cv2.imencode(".png", levels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
            try:
                (folder / name).write_bytes(encoded.tobytes())
            except OSError as exc:
                raise EncodeError(
                    f"{quoted(folder / name)} cannot be written: {reason(exc)}; free disk space."
                ) from exc
