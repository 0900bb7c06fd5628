import pytest

from vidstyle.errors import UsageError
from vidstyle.media.encode.codecs import codec_of
from vidstyle.media.encode.containers import CONTAINERS
from vidstyle.media.encode.ffmpeg import binary, encoders
from vidstyle.options.media import EncodeOptions


def encoder(ending=".mp4", **given):
    return codec_of(EncodeOptions(**given), CONTAINERS[ending]).encoder


def test_each_container_has_a_default():
    assert [encoder(ending) for ending in (".mp4", ".mov", ".mkv", ".webm")] == [
        *["libx264"] * 3,
        "libvpx-vp9",
    ]


def test_ten_bits_default_to_h265():
    assert encoder(bit_depth=10) == "libx265"
    assert encoder(bit_depth=10, codec="h264") == "libx264"
    assert encoder(".webm", bit_depth=10) == "libvpx-vp9"


def test_codecs_are_found_by_name_alias_or_encoder():
    assert encoder(codec="hevc") == encoder(codec="h265") == encoder(codec="libx265") == "libx265"
    assert encoder(codec="libaom-av1") == "libaom-av1"


@pytest.mark.parametrize("ending", CONTAINERS)
def test_hardware_encoders_are_used_only_on_request(ending):
    assert not encoder(ending).endswith(("nvenc", "qsv", "amf", "videotoolbox"))
    assert encoder(codec="h264_nvenc") == "h264_nvenc"


@pytest.mark.parametrize(
    ("ending", "given", "message"),
    [
        (".webm", {"codec": "h264"}, "--codec h264 is not supported in .webm; give vp9 or av1"),
        (".mp4", {"codec": "ffv1"}, "not supported in .mp4"),
        (".webm", {"codec": "h264_nvenc"}, "not supported in .webm"),
        (".mp4", {"codec": "divx"}, "--codec divx is unknown; give h264"),
        (".mov", {"codec": "prores", "crf": 20}, "--crf has no effect on prores; omit it"),
        (".mp4", {"bit_depth": 16}, "--bit-depth 16 is not available with h264; give 8 or 10"),
    ],
)
def test_unsupported_combinations_are_refused_with_supported_ones(ending, given, message):
    with pytest.raises(UsageError, match=message):
        encoder(ending, **given)


@pytest.mark.parametrize(("ending", "codec"), [(e, c) for e, held in CONTAINERS.items() for c in held.codecs])
def test_bundled_ffmpeg_has_every_encoder(ending, codec, monkeypatch):
    monkeypatch.delenv("VIDSTYLE_FFMPEG", raising=False)
    assert encoder(ending, codec=codec) in encoders(binary())
