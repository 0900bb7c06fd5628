"""Colour tags of a video: matrix, primaries, transfer and range, in ffmpeg's names."""

from dataclasses import dataclass
from pathlib import Path

from av.video import VideoFrame

from vidstyle.errors import ProbeError, quoted
from vidstyle.options.media import ColorMatrix

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
HD_WIDTH, HD_HEIGHT = 1280, 720
"""Size from which on players take a film without tags to be in BT.709."""
# Matrix, primaries and transfer.
_ASSUMED = {
    ColorMatrix.BT601: ("smpte170m", "unknown", "unknown"),
    ColorMatrix.BT709: ("bt709", "bt709", "bt709"),
    ColorMatrix.BT2020: ("bt2020nc", "bt2020", "bt2020-10"),
}


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


def assume_matrix(frame: VideoFrame, choice: ColorMatrix = ColorMatrix.AUTO) -> ColorMatrix | None:
    """Choose the matrix of a decoded frame that is not tagged with one; None for one that is, or has none."""
    if frame.format.is_rgb or int(frame.colorspace) not in _UNSPECIFIED:
        return None
    if choice is not ColorMatrix.AUTO:
        return choice
    if hdr_transfer(frame):
        return ColorMatrix.BT2020
    is_hd = frame.width >= HD_WIDTH or frame.height >= HD_HEIGHT
    return ColorMatrix.BT709 if is_hd else ColorMatrix.BT601


def read_color_tags(frame: VideoFrame, path: Path, choice: ColorMatrix = ColorMatrix.AUTO) -> ColorTags:
    """Read the tags of a decoded frame.

    A video without a tagged matrix has that of `assume_matrix`. One stored as RGB has no matrix, and gets
    BT.709's. Primaries and transfer have no effect on decoding: they stay unknown where they are, except that
    BT.709 and BT.2020, where assumed, have their own. High dynamic range becomes BT.709, see
    `vidstyle.imaging.tone_mapping`.

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
    full = int(frame.color_range) == 2 or frame.format.name.startswith("yuvj")
    levels = "pc" if full else "tv"
    if assumed := assume_matrix(frame, choice):
        matrix, *others = _ASSUMED[assumed]
        primaries, transfer = (
            other if tag == "unknown" else tag
            for tag, other in zip((primaries, transfer), others, strict=True)
        )
        return ColorTags(matrix, primaries, transfer, levels)
    if (code := int(frame.colorspace)) not in _MATRICES:
        raise ProbeError(f"{quoted(path)} has an unusual colour matrix ({code}); convert it to BT.709 first.")
    return ColorTags(_MATRICES[code], primaries, transfer, levels)


def is_decoded_by_opencv(color: ColorTags, assumed: ColorMatrix | None) -> bool:
    """Tell whether OpenCV decodes frames to their own RGB.

    It takes a video without a tagged matrix to be in BT.601, and converts other primaries and logarithmic
    levels to those of BT.709.
    """
    return (
        assumed in {None, ColorMatrix.BT601}
        and color.primaries in {"unknown", "bt709", "bt470bg", "smpte170m"}
        and color.transfer not in {"log100", "log316"}
    )


def matrix_code(assumed: ColorMatrix) -> int:
    """Give the code point of an assumed matrix."""
    return next(code for code, name in _MATRICES.items() if name == _ASSUMED[assumed][0])
