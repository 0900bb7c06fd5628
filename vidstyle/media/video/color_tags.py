"""Colour tags of a video: matrix, primaries, transfer and range, in ffmpeg's names."""

from dataclasses import dataclass
from pathlib import Path

from av.video import VideoFrame

from vidstyle.errors import ProbeError, quoted

# Code points of ITU-T H.273, which ffmpeg uses.
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc"}
_PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
_TRANSFERS = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361e",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
_HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
_UNSPECIFIED = (2, 3)


@dataclass(frozen=True)
class ColorTags:
    """Interpretation of a video's numbers as colours, in ffmpeg's names; `unknown` where it is not tagged."""

    matrix: str
    primaries: str
    transfer: str
    range: str


SDR = ColorTags("bt709", "bt709", "bt709", "tv")
"""Tags of tone-mapped frames."""


def hdr_transfer(frame: VideoFrame) -> str | None:
    """Name the transfer of a decoded frame of high dynamic range, `PQ` or `HLG`; None for other frames."""
    return _HDR.get(_TRANSFERS.get(int(frame.color_trc), ""))


def read_color_tags(frame: VideoFrame, path: Path) -> ColorTags:
    """Read the tags of a decoded frame.

    A video without a tagged matrix has the one that OpenCV and ffmpeg decode it with, BT.601 (`smpte170m`).
    One stored as RGB has no matrix, and gets BT.709's. Primaries and transfer have no effect on decoding, so
    they stay unknown where they are. High dynamic range becomes BT.709, see `vidstyle.imaging.tone_mapping`.

    Raises
    ------
    ProbeError
        The matrix would be decoded wrong.
    """
    if hdr_transfer(frame):
        return SDR
    transfer = _TRANSFERS.get(int(frame.color_trc), "unknown")
    primaries = _PRIMARIES.get(int(frame.color_primaries), "unknown")
    if frame.format.is_rgb:
        return ColorTags("bt709", primaries, transfer, "tv")
    matrix = int(frame.colorspace)
    if matrix not in _MATRICES and matrix not in _UNSPECIFIED:
        raise ProbeError(
            f"{quoted(path)} has an unusual colour matrix ({matrix}); convert it to BT.709 first."
        )
    full = int(frame.color_range) == 2 or frame.format.name.startswith("yuvj")
    return ColorTags(_MATRICES.get(matrix, "smpte170m"), primaries, transfer, "pc" if full else "tv")
