"""The encoders of pictures: which there are, in what shape they take pictures, and how good they make them."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from vidstyle.errors import UsageError
from vidstyle.media.encode.containers import CONTAINERS
from vidstyle.options.media import EncodeOptions


@dataclass(frozen=True)
class Codec:
    """An encoder, and how it is used."""

    name: str
    """Of the codec, as users write it."""
    encoder: str
    formats: dict[int, str]
    """Shape that a picture is handed over in, by bits a colour."""
    crf: int | None = None
    """What shows no loss; None where there is no such scale."""
    options: dict[str, Any] = field(default_factory=dict)
    even: bool = True
    """Whether it takes pictures with even sides only."""
    alpha: dict[int, str] = field(default_factory=dict)
    """Shape of a picture with transparency, by bits a colour; none where it cannot hold it."""
    alpha_options: dict[str, Any] = field(default_factory=dict)
    least_width: int = 1
    """Width below which it fails, in pixels."""

    @property
    def is_rgb(self) -> bool:
        """Tell whether it stores RGB as it is, so that no matrix takes part."""
        return self.formats[max(self.formats)].startswith(("rgb", "gbr", "bgr", "pal"))


_YUV420 = {8: "yuv420p", 10: "yuv420p10le"}
_CODECS = {
    codec.name: codec
    for codec in (
        Codec("h264", "libx264", _YUV420, 16, {"preset": "medium"}),
        # Narrower than a block of its coding, x265 corrupts its memory.
        Codec("h265", "libx265", _YUV420, 18, {"preset": "medium", "x265-params": "log-level=none:info=0"}, least_width=64),
        # Speed 2 is the slowest whose time anyone has; threads by rows leave the bytes as they are.
        Codec("vp9", "libvpx-vp9", _YUV420, 20, {"b:v": 0, "deadline": "good", "cpu-used": 2, "row-mt": 1},
              alpha={8: "yuva420p"}, alpha_options={"auto-alt-ref": 0}),
        Codec("av1", "libsvtav1", _YUV420, 22, {"preset": 6}),
        # 422 HQ; it always has 10 bits.
        Codec("prores", "prores_ks", {8: "yuv422p10le", 10: "yuv422p10le"}, None, {"profile:v": 3, "vendor": "apl0"},
              alpha={8: "yuva444p10le", 10: "yuva444p10le"}, alpha_options={"profile:v": 4}),
        Codec(
            "ffv1", "ffv1", {8: "bgr0", 10: "gbrp10le", 16: "gbrp16le"}, None,
            {"level": 3, "g": 1, "slicecrc": 1}, even=False,
            alpha={8: "bgra", 10: "gbrap10le", 16: "gbrap16le"},
        ),
        # Its palette is made beforehand, see `vidstyle.media.encode.animations`.
        Codec("gif", "gif", {8: "rgb24"}, even=False, alpha={8: "bgra"}),
        Codec("webp", "libwebp_anim", {8: "bgra"}, None, {"quality": 90}, even=False, alpha={8: "bgra"}),
        Codec("apng", "apng", {8: "rgb24", 16: "rgb48be"}, None, {"pred": "mixed"}, even=False,
              alpha={8: "rgba", 16: "rgba64be"}),
        Codec("png", "png", {8: "rgb24", 16: "rgb48be"}, None, {"pred": "mixed"}, even=False,
              alpha={8: "rgba", 16: "rgba64be"}),
    )
}  # fmt: skip
_ALIASES = {"hevc": "h265", "avc": "h264"}
# Other encoders of the same codecs, and what their scale of quality needs beside it.
_SOFTWARE = {
    "libx264": ("h264", {}),
    "libx265": ("h265", {}),
    "libvpx-vp9": ("vp9", {}),
    "libaom-av1": ("av1", {"b:v": 0, "cpu-used": 4, "row-mt": 1}),
    "libsvtav1": ("av1", {}),
    "prores_ks": ("prores", {}),
}
_HARDWARE = re.compile(r"(h264|hevc|av1|vp9)_(nvenc|qsv|amf|videotoolbox)")


def keeping_alpha(codec: Codec) -> Codec:
    """Give the codec as it takes pictures with transparency."""
    return replace(codec, formats=codec.alpha, options=codec.options | codec.alpha_options)


def codec_of(encode: EncodeOptions, ending: str) -> Codec:
    """Find the encoder that was asked for, or the container's own.

    Raises
    ------
    UsageError
        There is no such codec, the container does not hold it, or it has not the depth or the scale asked for.
    """
    container = CONTAINERS[ending]
    name = encode.codec or container.codecs[0]
    if encode.codec is None and encode.bit_depth == 10 and name == "h264":
        name = "h265"
    codec = _named(name)
    if codec.name not in container.codecs:
        raise UsageError(
            f"--codec {name} does not go into {ending}, which takes {', '.join(container.codecs)}; give one of them, or write "
            "to another ending."
        )
    if encode.bit_depth not in codec.formats:
        depths = " or ".join(map(str, codec.formats))
        raise UsageError(f"--bit-depth {encode.bit_depth} is not to be had with {name}; give {depths}.")
    if encode.crf is not None and codec.crf is None:
        raise UsageError(f"--crf says nothing to {name}; leave it away, or use --encoder-option.")
    if codec.name == "vp9" and ending not in {".webm", ".mkv"}:
        # Its transparency lies beside the pictures, where only Matroska has a place.
        return replace(codec, alpha={})
    return codec


def _named(name: str) -> Codec:
    if codec := _CODECS.get(_ALIASES.get(name, name)):
        return codec
    if name in _SOFTWARE:
        family, options = _SOFTWARE[name]
        same = _CODECS[family]
        return replace(same, encoder=name, options=options or same.options)
    if hardware := _HARDWARE.fullmatch(name):
        family = hardware[1]
        family = _ALIASES.get(family, family)
        return Codec(family, name, {8: "nv12", 10: "p010le"})
    raise UsageError(
        f"--codec {name} is unknown; give {', '.join(_CODECS)}, or an encoder of them such as libaom-av1 or h264_nvenc."
    )
