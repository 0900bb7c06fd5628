"""Video and audio codecs: ffmpeg's encoders, their pixel formats, and qualities without visible loss."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vidstyle.errors import UsageError
from vidstyle.media.encode.containers import Container
from vidstyle.options.media import EncodeOptions


@dataclass(frozen=True)
class Codec:
    """Video codec, with the encoder that writes it."""

    name: str
    """As users write it."""
    encoder: str
    """ffmpeg's name."""
    pixel_formats: Mapping[int, str]
    """ffmpeg's pixel format by bits per channel."""
    crf: int | None = None
    """Quality without visible loss; None where the encoder has no such scale."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Options of the encoder."""
    even: bool = True
    """Whether both sides of a frame must be even."""
    alpha: Mapping[int, str] = field(default_factory=dict)
    """Pixel format with transparency by bits per channel; empty where there is none."""
    alpha_options: Mapping[str, object] = field(default_factory=dict)
    """Further options of the encoder for transparency."""
    alpha_is_side_data: bool = False
    """Whether transparency is stored next to the frames, which few containers have a place for."""
    has_palette: bool = False
    """Whether the colours of all frames are chosen beforehand, see `animations.make_palette`."""
    min_width: int = 1
    """Smallest width that the encoder takes, in pixels."""
    default_at: Mapping[int, str] = field(default_factory=dict)
    """Codec that replaces this one as the default, by bits per channel."""

    @property
    def is_rgb(self) -> bool:
        """Tell whether RGB is stored without a conversion to YUV."""
        return self.pixel_formats[max(self.pixel_formats)].startswith(("rgb", "gbr", "bgr", "pal"))

    def with_alpha(self) -> "Codec":
        """Give the codec for frames with transparency."""
        return replace(self, pixel_formats=self.alpha, options={**self.options, **self.alpha_options})


_YUV420 = {8: "yuv420p", 10: "yuv420p10le"}
_PNG = {8: "rgb24", 16: "rgb48be"}
_PNG_ALPHA = {8: "rgba", 16: "rgba64be"}
CODECS = {
    codec.name: codec
    for codec in (
        # Hardly a device plays H.264 of 10 bits.
        Codec("h264", "libx264", _YUV420, 16, {"preset": "medium"}, default_at={10: "h265"}),
        # x265 corrupts its memory where a frame is narrower than a coding block.
        Codec(
            "h265", "libx265", _YUV420, 18,
            {"preset": "medium", "x265-params": "log-level=none:info=0"}, min_width=64,
        ),
        # Speeds below 2 take too long; threads by rows leave the bytes unchanged.
        Codec(
            "vp9", "libvpx-vp9", _YUV420, 20,
            {"b:v": 0, "deadline": "good", "cpu-used": 2, "row-mt": 1},
            alpha={8: "yuva420p"}, alpha_options={"auto-alt-ref": 0}, alpha_is_side_data=True,
        ),
        Codec("av1", "libsvtav1", _YUV420, 22, {"preset": 6}),
        # 422 HQ, and 4444 with transparency; both always have 10 bits.
        Codec(
            "prores", "prores_ks", {8: "yuv422p10le", 10: "yuv422p10le"}, None,
            {"profile:v": 3, "vendor": "apl0"},
            alpha={8: "yuva444p10le", 10: "yuva444p10le"}, alpha_options={"profile:v": 4},
        ),
        Codec(
            "ffv1", "ffv1", {8: "bgr0", 10: "gbrp10le", 16: "gbrp16le"}, None,
            {"level": 3, "g": 1, "slicecrc": 1}, even=False,
            alpha={8: "bgra", 10: "gbrap10le", 16: "gbrap16le"},
        ),
        Codec("gif", "gif", {8: "rgb24"}, even=False, alpha={8: "bgra"}, has_palette=True),
        Codec("webp", "libwebp_anim", {8: "bgra"}, None, {"quality": 90}, even=False, alpha={8: "bgra"}),
        Codec("apng", "apng", _PNG, None, {"pred": "mixed"}, even=False, alpha=_PNG_ALPHA),
        Codec("png", "png", _PNG, None, {"pred": "mixed"}, even=False, alpha=_PNG_ALPHA),
    )
}  # fmt: skip
"""Video codecs by name."""
_ALIASES = {"hevc": "h265", "avc": "h264"}
# Other encoders of the same codecs, and the options that a constant quality needs.
_SOFTWARE = {
    "libx264": ("h264", {}),
    "libx265": ("h265", {}),
    "libvpx-vp9": ("vp9", {}),
    "libaom-av1": ("av1", {"b:v": 0, "cpu-used": 4, "row-mt": 1}),
    "libsvtav1": ("av1", {}),
    "prores_ks": ("prores", {}),
}
_HARDWARE = re.compile(r"(h264|hevc|av1|vp9)_(nvenc|qsv|amf|videotoolbox)")


def codec_of(encode: EncodeOptions, container: Container) -> Codec:
    """Find the codec that was asked for, or the container's default.

    Raises
    ------
    UsageError
        The codec is unknown, not supported in the container, or has not the bit depth or quality scale.
    """
    name = encode.codec or container.codecs[0]
    codec = _codec_named(name)
    if encode.codec is None and (deeper := codec.default_at.get(encode.bit_depth)) in container.codecs:
        name, codec = deeper, CODECS[deeper]
    if codec.name not in container.codecs:
        raise UsageError(
            f"--codec {name} is not supported in {container.name}; give {' or '.join(container.codecs)}, "
            "or write to another ending."
        )
    if encode.bit_depth not in codec.pixel_formats:
        depths = " or ".join(map(str, codec.pixel_formats))
        raise UsageError(f"--bit-depth {encode.bit_depth} is not available with {name}; give {depths}.")
    if encode.crf is not None and codec.crf is None:
        raise UsageError(f"--crf has no effect on {name}; omit it, or use --encoder-option.")
    return replace(codec, alpha={}) if codec.alpha_is_side_data and not container.side_data else codec


def _codec_named(name: str) -> Codec:
    if codec := CODECS.get(_ALIASES.get(name, name)):
        return codec
    if name in _SOFTWARE:
        family, options = _SOFTWARE[name]
        same = CODECS[family]
        return replace(same, encoder=name, options=options or same.options)
    if hardware := _HARDWARE.fullmatch(name):
        family = hardware[1]
        return Codec(_ALIASES.get(family, family), name, {8: "nv12", 10: "p010le"})
    raise UsageError(
        f"--codec {name} is unknown; give {', '.join(CODECS)}, or an encoder such as libaom-av1 or "
        "h264_nvenc."
    )


@dataclass(frozen=True)
class AudioCodec:
    """Audio codec, with the encoder that writes it."""

    label: str
    """As messages name it."""
    encoder: str
    """ffmpeg's name."""
    bit_rate: int | None = None
    """Bits per second and channel; None where the encoder has none."""
    layouts: tuple[str, ...] = ()
    """Channel layouts that it has; empty for any."""
    most_channels: int | None = None
    ambisonic_options: Mapping[str, object] = field(default_factory=dict)
    """Options of the encoder that keep ambisonic channels; empty where it cannot."""


AAC_LAYOUTS = (
    *("7.1", "7.1(wide)", "7.1(wide-side)", "7.0", "octagonal", "6.1", "6.1(back)", "6.0", "hexagonal"),
    *("5.1", "5.1(side)", "5.0", "5.0(side)", "4.1", "4.0", "quad", "quad(side)", "3.1", "3.0", "3.0(back)"),
    *("2.1", "stereo", "mono"),
)
"""Channel layouts that AAC has: those that are common up to eight channels."""
_ALAC_LAYOUTS = ("7.1(wide)", "6.1(back)", "5.1", "5.0", "4.0", "3.0", "stereo", "mono")
# It has one order of channels for each number of them. ffmpeg's encoder exchanges channels of 5.0 and 6.1,
# which are mixed to 5.1 and 7.1 instead.
_OPUS_LAYOUTS = ("7.1", "5.1", "quad", "3.0", "stereo", "mono")
AUDIO_CODECS = {
    "aac": AudioCodec("AAC", "aac", 96_000, AAC_LAYOUTS),
    "opus": AudioCodec("Opus", "libopus", 64_000, _OPUS_LAYOUTS, ambisonic_options={"mapping_family": 2}),
    "flac": AudioCodec("FLAC", "flac", most_channels=8),
    "alac": AudioCodec("ALAC", "alac", layouts=_ALAC_LAYOUTS),
}
"""Audio codecs that others become; any further codec is one of uncompressed samples."""
