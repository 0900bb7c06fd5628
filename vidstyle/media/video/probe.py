"""Probing of a file: photo or video, and the description of a video."""

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
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
from vidstyle.media.isolation import isolated
from vidstyle.media.photo.open import NoPictureError, decode_errors, open_image
from vidstyle.media.video.color_tags import (
    ColorTags,
    assume_matrix,
    hdr_transfer,
    is_decoded_by_opencv,
    read_color_tags,
)
from vidstyle.media.video.damage import damage_message, scan
from vidstyle.media.video.mp4_index import check_sample_count
from vidstyle.media.video.pillow_decoder import is_animation, probe_animation
from vidstyle.media.video.timestamps import Timing, compute_timing, read_timing
from vidstyle.media.video.tracks import has_alpha, is_cover, list_chapters, list_streams, read_labels
from vidstyle.media.video.video import Damage, Decoder, Video
from vidstyle.options.media import ColorMatrix

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

# Brands of still images in an MP4 container.
_STILL_BRANDS = {"heic", "heix", "heim", "heis", "mif1", "avif", "avis"}


class Kind(StrEnum):
    """Kind of an input."""

    FILM = "film"
    PHOTO = "photo"


@isolated
def kind_of(path: Path) -> Kind:
    """Distinguish a video from a photo by its content.

    Raises
    ------
    ProbeError
        It is neither, or an animation of an unsupported format.
    """
    try:
        with open_image(path) as image, decode_errors(path):
            if getattr(image, "is_animated", False) and image.format == "AVIF":
                raise ProbeError(
                    f"{quoted(path)} is an animated AVIF; convert it to a video such as .mp4 first."
                )
            return Kind.FILM if is_animation(image) else Kind.PHOTO
    except NoPictureError:
        with _open(path) as container:
            _find_video_stream(container, path)
        return Kind.FILM


@isolated
def probe_video(
    path: Path, *, allow_damaged: bool = False, color_matrix: ColorMatrix = ColorMatrix.AUTO
) -> Video:
    """Describe a video: all packets are read, and only as many frames as necessary.

    With `allow_damaged` all frames are decoded, and where some fail, the description is of the others, each
    at its time. `color_matrix` is that of a video without a tagged one.

    Raises
    ------
    ProbeError
        It is not a video that can be read, has no frames, or is of a kind that would be decoded wrong.
    DecodeError
        It is cut short, or its packets cannot be read, and that is not allowed.
    """
    check_readable(path)
    if _is_animation(path):
        return probe_animation(path)
    with _open(path) as container:
        stream = _find_video_stream(container, path)
        first, timing, damage = _timing_and_damage(container, stream, path, allow_damaged=allow_damaged)
        rotation, mirrored = _orientation(first)
        width, height, aspect = first.width, first.height, stream.sample_aspect_ratio or Fraction(1)
        if rotation in {90, 270}:
            width, height, aspect = height, width, 1 / aspect
        hdr, depth = hdr_transfer(first), max(component.bits for component in first.format.components)
        alpha = hdr is None and has_alpha(first, stream)
        assumed = assume_matrix(first, color_matrix)
        color = read_color_tags(first, path, color_matrix)
        needs_pyav = hdr or alpha or damage or depth > 8 or first.interlaced_frame
        needs_pyav = needs_pyav or not is_decoded_by_opencv(color, assumed)
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
            color=color,
            streams=list_streams(container, stream),
            chapters=list_chapters(container),
            tags=tuple(container.metadata),
            labels=read_labels(container, stream),
            mirrored=mirrored,
            start=timing.start,
            last=timing.last,
            index=stream.index,
            damage=damage,
            decoder=Decoder.PYAV if needs_pyav else Decoder.OPENCV,
            depth=depth,
            interlaced=first.interlaced_frame,
            hdr=hdr,
            assumed_matrix=assumed,
            alpha=alpha,
        )


def _timing_and_damage(
    container: av.container.InputContainer, stream: av.video.VideoStream, path: Path, *, allow_damaged: bool
) -> tuple[av.video.VideoFrame, Timing, Damage | None]:
    """Give the first frame, the timing of all, and the losses."""
    fault: Exception | None = None
    try:
        first, timing = read_timing(container, stream, path)
    except (DecodeError, av.error.FFmpegError, OSError, ValueError) as exc:
        fault = exc
    if fault is None and not allow_damaged:
        return first, timing, None
    report = scan(path, stream.index)
    if fault is None and report.damage is None:
        skips_frames = report.decoded < len(timing.timestamps)
        return first, compute_timing(container, stream, report.times) if skips_frames else timing, None
    if report.damage is None:
        raise DecodeError(
            f"{quoted(path)} cannot be read to its end: {reason(fault or ValueError())}; repair it first."
        ) from fault
    if report.first is None:
        raise ProbeError(f"{quoted(path)} has no frame that decodes; repair or convert it first.") from fault
    if not allow_damaged:
        raise DecodeError(damage_message(path, report.damage)) from fault
    return report.first, compute_timing(container, stream, report.times), report.damage


def _is_animation(path: Path) -> bool:
    try:
        with open_image(path) as image, decode_errors(path):
            return is_animation(image)
    except ProbeError:
        return False


@contextmanager
def _open(path: Path) -> Iterator[av.container.InputContainer]:
    try:
        check_sample_count(path)
        container = av.open(str(path.absolute()), options=WHITELISTS, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as exc:
        raise ProbeError(
            f"{quoted(path)} is not a video or photo that can be read; "
            "give a file such as .mp4, .mov, .mkv, .jpg or .png."
        ) from exc
    with container:
        yield container


def _find_video_stream(container: av.container.InputContainer, path: Path) -> av.video.VideoStream:
    """Find the first video stream that is not a cover."""
    if container.metadata.get("major_brand") in _STILL_BRANDS:
        raise ProbeError(f"{quoted(path)} is a HEIC or AVIF image; convert it to .jpg or .png first.")
    for stream in container.streams.video:
        if not is_cover(stream):
            if stream.codec_context is None:
                raise ProbeError(f"{quoted(path)} has video of an unknown codec; convert it to H.264 first.")
            return stream
    raise ProbeError(f"{quoted(path)} has no video stream; give a video.")


def _orientation(frame: av.video.VideoFrame) -> tuple[int, bool]:
    """Read the display matrix.

    Returns
    -------
    tuple
        Clockwise rotation in degrees, a multiple of 90, and whether to flip left to right before it.
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
