"""What is in a file: its pictures, when each is shown, how they are to be looked at, and what accompanies them."""

import math
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import av
import av.buffer
import av.container
import av.error
import av.video

from vidstyle.errors import DecodeError, ProbeError, quoted, reason
from vidstyle.media.files import FORMATS, WHITELISTS, check_readable
from vidstyle.media.geometry import FrameSize, fit
from vidstyle.media.photo.open import NoPictureError, decode_errors, open_image
from vidstyle.media.video.color_tags import ColorTags, color_tags, hdr_of
from vidstyle.media.video.damage import Damage, decode_tolerantly, refusal
from vidstyle.media.video.mp4_index import check_sample_count
from vidstyle.media.video.pillow_decoder import is_animation, probe_animation
from vidstyle.media.video.pyav_decoder import has_alpha
from vidstyle.media.video.timestamps import Timing, measure, timed
from vidstyle.media.video.tracks import chapters_of, is_cover, labels_of, streams_of
from vidstyle.media.video.video import Decoder, Video

__all__ = [
    "FORMATS",
    "WHITELISTS",
    "ColorTags",
    "FrameSize",
    "Kind",
    "Video",
    "fit",
    "kind_of",
    "probe_video",
]

# Brands of still pictures in the dress of an MP4.
_STILL = {"heic", "heix", "heim", "heis", "mif1", "avif", "avis"}


class Kind(StrEnum):
    """What an input is."""

    FILM = "film"
    PHOTO = "photo"


def kind_of(path: Path) -> Kind:
    """Tell a film from a photo by its content.

    Raises
    ------
    ProbeError
        It is neither, or a moving picture of a kind that is not supported.
    """
    try:
        with open_image(path) as image, decode_errors(path):
            if getattr(image, "is_animated", False) and image.format == "AVIF":
                raise ProbeError(
                    f"{quoted(path)} is an animated AVIF picture; convert it to a film such as .mp4 first."
                )
            return Kind.FILM if is_animation(image) else Kind.PHOTO
    except NoPictureError:
        with _opened(path) as container:
            _picture_stream(container, path)
        return Kind.FILM


def probe_video(path: Path, *, allow_damaged: bool = False) -> Video:
    """Look into a film: its packets are all read, its pictures only as far as they must be.

    With `allow_damaged` they are all decoded, and where some do not, the film is what the others are, each at its time.

    Raises
    ------
    ProbeError
        It is no film that can be read, has no pictures, or is of a kind that would come out wrong.
    DecodeError
        It is cut short, or its packets cannot be read, and that is not allowed.
    """
    check_readable(path)
    if _is_animation(path):
        return probe_animation(path)
    with _opened(path) as container:
        stream = _picture_stream(container, path)
        first, timing, damage = _measured(container, stream, path, allow_damaged=allow_damaged)
        rotation, mirrored = _orientation(first)
        width, height, aspect = first.width, first.height, stream.sample_aspect_ratio or Fraction(1)
        if rotation in {90, 270}:
            width, height, aspect = height, width, 1 / aspect
        hdr, depth = hdr_of(first), max(component.bits for component in first.format.components)
        alpha = hdr is None and has_alpha(first, stream)
        careful = hdr or alpha or damage or depth > 8 or first.interlaced_frame
        return Video(
            path=path,
            width=width,
            height=height,
            pixel_aspect=aspect,
            rotation=rotation,
            rate=timing.rate,
            timestamps=timing.timestamps,
            offset=timing.offset,
            variable=timing.variable,
            color=color_tags(first, path),
            streams=streams_of(container, stream),
            chapters=chapters_of(container),
            tags=tuple(container.metadata),
            labels=labels_of(container, stream),
            mirrored=mirrored,
            start=timing.start,
            last=timing.last,
            index=stream.index,
            damage=damage,
            source=Decoder.CAREFUL if careful else Decoder.FILM,
            depth=depth,
            interlaced=first.interlaced_frame,
            hdr=hdr,
            alpha=alpha,
        )


def check_intact(video: Video, *, should_stop: Callable[[], bool] = lambda: False) -> Video:
    """Decode all pictures of a film: bad packets in its midst are not to be found out after hours.

    Returns
    -------
    Video
        The film; with `interlaced`, where a picture is that is not among the first.

    Raises
    ------
    DecodeError
        Some do not decode, and `allow_damaged` was not said when it was probed; or they are not all of one size, to which
        OpenCV would distort them.
    Interrupted
        `should_stop`, asked at each picture, said so.
    """
    if video.source not in {Decoder.FILM, Decoder.CAREFUL} or video.damage is not None:
        return video
    left = decode_tolerantly(video.path, video.index, should_stop)
    if left.resized:
        raise DecodeError(
            f"{quoted(video.path)} changes its size to {left.resized[0]} x {left.resized[1]} midway; convert it to one size first."
        )
    if left.damage:
        raise DecodeError(refusal(video.path, left.damage))
    needed = video.frames if video.picks is None else max(video.picks) + 1
    if left.decoded < needed:
        # Where one film is put behind another of a different kind, decoders may pass over what lies between.
        raise DecodeError(
            f"{quoted(video.path)} gives only {left.decoded} of its {needed} pictures; repair it, or paint what it gives with "
            "--allow-damaged."
        )
    return in_fields(video) if left.interlaced else video


def in_fields(video: Video) -> Video:
    """Take the film for one with pictures of two fields, of which OpenCV makes noise without a word."""
    return replace(video, interlaced=True, source=Decoder.CAREFUL)


def _measured(
    container: av.container.InputContainer, stream: av.video.VideoStream, path: Path, *, allow_damaged: bool
) -> tuple[av.video.VideoFrame, Timing, Damage | None]:
    """First picture, the timing of all, and what of them is lost."""
    fault: Exception | None = None
    try:
        measured = *measure(container, stream, path), None
    except (DecodeError, av.error.FFmpegError, OSError, ValueError) as exc:
        fault = exc
    if fault is None and not allow_damaged:
        return measured
    left = decode_tolerantly(path, stream.index)
    if fault is None and left.damage is None:
        first, timing, _ = measured
        passed_over = left.decoded < len(timing.timestamps)
        return (first, timed(container, stream, left.shown), None) if passed_over else measured
    if left.damage is None:
        raise DecodeError(
            f"{quoted(path)} cannot be read to its end: {reason(fault or ValueError())}; repair it first."
        ) from fault
    if left.first is None:
        raise ProbeError(
            f"{quoted(path)} holds no picture that decodes; repair or convert it first."
        ) from fault
    if not allow_damaged:
        raise DecodeError(refusal(path, left.damage)) from fault
    return left.first, timed(container, stream, left.shown), left.damage


def _is_animation(path: Path) -> bool:
    try:
        with open_image(path) as image, decode_errors(path):
            return is_animation(image)
    except ProbeError:
        return False


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    try:
        check_sample_count(path)
        container = av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as exc:
        raise ProbeError(
            f"{quoted(path)} is no film or picture that can be read; give a file such as .mp4, .mov, .mkv, .jpg or .png."
        ) from exc
    with container:
        yield container


def _picture_stream(container: av.container.InputContainer, path: Path) -> av.video.VideoStream:
    """Find the first stream of moving pictures; a cover picture is none."""
    if container.metadata.get("major_brand") in _STILL:
        raise ProbeError(f"{quoted(path)} is a HEIC or AVIF picture; convert it to .jpg or .png first.")
    for stream in container.streams.video:
        if not is_cover(stream):
            if stream.codec_context is None:
                raise ProbeError(
                    f"{quoted(path)} holds pictures of an unknown codec; convert it to H.264 first."
                )
            return stream
    raise ProbeError(f"{quoted(path)} has no video stream; give a film.")


def _orientation(frame: av.video.VideoFrame) -> tuple[int, bool]:
    """Read the display matrix.

    Returns
    -------
    tuple
        Clockwise turn in degrees, a multiple of 90, and whether to flip left to right before it.
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, av.buffer.Buffer):
        return 0, False
    a, b, _, c, d = struct.unpack("=9i", bytes(matrix))[:5]
    # A point (x, y) is shown at (a x + c y, b x + d y), y downwards.
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    return round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360, mirrored
