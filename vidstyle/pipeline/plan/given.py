"""Keyframes that were painted by hand, as `--keyframe` gives them."""

import hashlib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from vidstyle.errors import InputError, RangeError, quoted, reason
from vidstyle.media.geometry import FrameSize
from vidstyle.media.photo.open import photo_size
from vidstyle.media.video.probe import Kind, Video
from vidstyle.pipeline.plan.jobs import Job

MAX_ASPECT_RATIO = 1.02
"""Ratio of the aspect ratios of a picture and its frame up to which the picture is resized to the frame."""


class GivenFrame(NamedTuple):
    """A frame of the source with the picture that is its painting."""

    frame: int
    """Its index in the source."""
    picture: Path


def given_frames(job: Job, video: Video | None, size: FrameSize, indices: range) -> tuple[GivenFrame, ...]:
    """Find the frames of a job that were painted by hand, in their order.

    Parameters
    ----------
    job
        The job.
    video
        Its film; None for a photo.
    size
        Size to paint at.
    indices
        Frames to paint, by their indices in the source.

    Raises
    ------
    InputError
        A picture cannot be read or has another shape, two are of one frame, or the input is a photo.
    RangeError
        A time is outside the part that is painted.

    """
    given = job.options.motion.keyframes
    if given and (video is None or job.kind is Kind.PHOTO):
        raise InputError(f"{quoted(job.input)} is a photo, which has no times; omit --keyframe.")
    found = []
    for time, picture in given:
        assert video is not None  # noqa: S101 - a photo is refused above.
        index = video.index_at(time)
        if index not in indices:
            raise RangeError(
                f"invalid --keyframe {time}={picture}: outside the painted range of {quoted(video.path)}, "
                f"frames {indices.start} to {indices.stop - 1}; give a time inside."
            )
        _check_shape(picture, size)
        found.append(GivenFrame(index, picture))
    found.sort()
    for one, other in pairwise(found):
        if one.frame == other.frame:
            raise InputError(
                f"--keyframe: {quoted(one.picture)} and {quoted(other.picture)} are both of frame "
                f"{one.frame}; give one picture per frame."
            )
    return tuple(found)


def _check_shape(picture: Path, size: FrameSize) -> None:
    width, height = photo_size(picture)
    ratio = width / height / (size.width / size.height)
    # The rounding of the size, to even pixels, counts as well.
    if max(ratio, 1 / ratio) > MAX_ASPECT_RATIO + 2 / min(size.width, size.height):
        raise InputError(
            f"the keyframe {quoted(picture)} is {width} x {height} pixels, another shape than the frame of "
            f"{size.width} x {size.height}; give a picture of that shape, of any size."
        )


def digest_of(given: Iterable[GivenFrame]) -> str:
    """Hash the indices and the contents of pictures; empty for none.

    Raises
    ------
    InputError
        A picture cannot be read.

    """
    digest, some = hashlib.sha256(), False
    for frame, picture in given:
        try:
            digest.update(f"{frame}:{hashlib.sha256(picture.read_bytes()).hexdigest()};".encode())
        except OSError as exc:
            raise InputError(
                f"the keyframe {quoted(picture)} cannot be read ({reason(exc)}); check its permissions."
            ) from exc
        some = True
    return digest.hexdigest()[:24] if some else ""
