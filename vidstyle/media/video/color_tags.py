"""What a film says about its colours, in ffmpeg's names."""

from dataclasses import dataclass
from pathlib import Path

from av.video import VideoFrame

from vidstyle.errors import ProbeError, quoted

# Numbers of ITU-T H.273, which ffmpeg uses as they are.
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
    """How the numbers of a film mean colours; each in ffmpeg's name, `unknown` where the film does not say."""

    matrix: str
    primaries: str
    transfer: str
    range: str


SDR = ColorTags("bt709", "bt709", "bt709", "tv")
"""What high dynamic range is brought to."""


def hdr_of(frame: VideoFrame) -> str | None:
    """Name the kind of high dynamic range of a decoded picture, `PQ` or `HLG`; None where it has none."""
    return _HDR.get(_TRANSFERS.get(int(frame.color_trc), ""))


def color_tags(frame: VideoFrame, path: Path) -> ColorTags:
    """Read the tags of a decoded picture.

    A film that does not name its matrix is what OpenCV and ffmpeg decode it as, BT.601 (`smpte170m`). One stored as
    RGB has no matrix, and gets BT.709's. Primaries and transfer do not take part in decoding: what is not said stays
    unsaid. High dynamic range becomes BT.709, see `vidstyle.imaging.tone_mapping`.

    Raises
    ------
    ProbeError
        A matrix that would be decoded wrong.
    """
    if hdr_of(frame):
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
