"""Decoders of a video's frames: their protocol, and the table of implementations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from vidstyle.imaging.types import Image
from vidstyle.media.isolation import isolated
from vidstyle.media.video.image_sequence import ImageSequenceDecoder
from vidstyle.media.video.opencv_decoder import OpenCVDecoder
from vidstyle.media.video.pillow_decoder import PillowDecoder
from vidstyle.media.video.pyav_decoder import PyAVDecoder
from vidstyle.media.video.video import Decoder, Video


class FrameDecoder(Protocol):
    """Decoder of a video's frames in the order of display.

    Advancing and converting are two calls, as in OpenCV: frames that are skipped are not converted.
    """

    def grab(self) -> bool:
        """Advance to the next frame; return False at the end, or where nothing more decodes."""

    def retrieve(self) -> Image | None:
        """Convert the frame to RGB or straight RGBA in [0, 1], [h, w, 3 or 4], not yet rotated.

        For a frame that does not decode, return None, or raise a DecodeError that names the frame's own file.
        """

    def release(self) -> None:
        """Close the file."""


@dataclass(frozen=True)
class DecoderType:
    """Implementation of a decoder, and the kind of files it reads."""

    open: Callable[[Video], FrameDecoder]
    """Opener of a video; it raises DecodeError or ProbeError."""
    is_demuxed: bool
    """Whether FFmpeg demuxes the file: it has packets to verify, and other streams to copy."""


def _open_with_opencv(video: Video) -> FrameDecoder:
    decoder = OpenCVDecoder(video)
    if decoder.decodes:
        return decoder
    # It opens videos of codecs that it has no decoder for, such as AV1.
    decoder.release()
    return PyAVDecoder(video)


DECODERS: Mapping[Decoder, DecoderType] = {
    Decoder.OPENCV: DecoderType(_open_with_opencv, is_demuxed=True),
    Decoder.PYAV: DecoderType(PyAVDecoder, is_demuxed=True),
    Decoder.PILLOW: DecoderType(PillowDecoder, is_demuxed=False),
    Decoder.IMAGE_SEQUENCE: DecoderType(ImageSequenceDecoder, is_demuxed=False),
}


def open_decoder(video: Video) -> FrameDecoder:
    """Open a video with its decoder.

    Raises
    ------
    DecodeError, ProbeError
        The file cannot be opened.
    """
    return DECODERS[video.decoder].open(video)


@isolated
def try_decoder(video: Video) -> None:
    """Decode the first frame of a video with its decoder.

    Raises
    ------
    DecodeError, ProbeError
        The file cannot be opened, or the decoder crashes.
    """
    decoder = open_decoder(video)
    try:
        if decoder.grab():
            decoder.retrieve()
    finally:
        decoder.release()
