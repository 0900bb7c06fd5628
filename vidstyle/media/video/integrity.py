"""Integrity of a video: all its frames decode, at one size, before hours are spent on painting them."""

from collections.abc import Callable
from dataclasses import replace

from vidstyle.errors import DecodeError, quoted
from vidstyle.media.isolation import call_isolated
from vidstyle.media.video.damage import damage_message, scan_isolated
from vidstyle.media.video.decoders import DECODERS, try_decoder
from vidstyle.media.video.video import Decoder, Video


def check_intact(
    video: Video, *, tries_decoder: bool = False, should_stop: Callable[[], bool] = lambda: False
) -> Video:
    """Decode all frames of a video, unless its probe did, and with `tries_decoder` the first by its decoder.

    Returns
    -------
    Video
        The video; with `interlaced`, where a frame is that is not among the first.

    Raises
    ------
    DecodeError
        Some frames do not decode, and the video was probed without `allow_damaged`; or they are not all of
        one size, to which OpenCV would distort them.
    Interrupted
        `should_stop`, called about ten times per second, returned True.
    """
    if not DECODERS[video.decoder].is_demuxed or video.damage is not None:
        return video
    report = call_isolated(scan_isolated, video.path, video.index, should_stop=should_stop)
    if report.other_size:
        width, height = report.other_size
        raise DecodeError(
            f"{quoted(video.path)} changes its size to {width} x {height} midway; "
            "convert it to one size first."
        )
    if report.damage:
        raise DecodeError(damage_message(video.path, report.damage))
    needed = video.frames if video.picks is None else max(video.picks) + 1
    if report.decoded < needed:
        # Where videos of different kinds are concatenated, decoders may skip what lies between.
        raise DecodeError(
            f"{quoted(video.path)} gives only {report.decoded} of its {needed} frames; "
            "repair it, or paint what it gives with --allow-damaged."
        )
    video = as_interlaced(video) if report.interlaced else video
    if tries_decoder:
        try_decoder(video)
    return video


def as_interlaced(video: Video) -> Video:
    """Mark a video as interlaced; OpenCV would silently decode such frames to noise."""
    return replace(video, interlaced=True, decoder=Decoder.PYAV)
