"""High dynamic range, wide gamuts and 10 bits are converted as it is said, never silently wrong."""

import numpy as np
import pytest
from support.clips import CORNERS, decoded_by_ffmpeg

from vidstyle.media.video.probe import probe_video

TEN = (
    "-c:v",
    "libx265",
    "-preset",
    "ultrafast",
    "-x265-params",
    "log-level=none:lossless=1",
    "-pix_fmt",
    "yuv420p10le",
)


@pytest.mark.parametrize(("transfer", "name"), [("smpte2084", "PQ"), ("arib-std-b67", "HLG")])
def test_high_dynamic_range_is_tone_mapped_and_that_is_said(bench, transfer, name):
    tags = f"setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc={transfer}:range=tv"
    bench.draw(
        "in.mkv", "-f", "lavfi", "-i", f"color=gray:s=64x48:r=25:d=0.2,format=yuv420p10le,{tags}", *TEN
    )
    assert f"HDR ({name}) is tone-mapped to SDR" in bench.painted("in.mkv", "--dry-run").out
    bench.painted("in.mkv", "-o", "out.mp4")
    color = probe_video(bench / "out.mp4").color
    assert color.transfer not in {"smpte2084", "arib-std-b67"}
    assert 20 < decoded_by_ffmpeg(bench / "out.mp4", bench.folder).mean() < 250


def test_ten_bits_are_painted_and_written_as_such_where_asked(bench):
    source = bench.draw("in.mkv", "-filter_complex", f"{CORNERS},hue=h=20:s=0.7,format=yuv420p10le", *TEN)
    bench.painted("in.mkv", "-o", "out.mkv", "--bit-depth", 10)
    assert probe_video(bench / "out.mkv").depth == 10
    before, after = (
        decoded_by_ffmpeg(path, bench.folder).astype(int) for path in (source, bench / "out.mkv")
    )
    patches = (slice(12, 48, 24), slice(16, 64, 32))
    assert np.abs(before[patches] - after[patches]).max() <= 3


def test_wide_gamut_keeps_its_tag(bench):
    tags = "setparams=colorspace=bt709:color_primaries=smpte432:color_trc=bt709:range=tv"
    bench.draw(
        "in.mp4", "-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d=0.2,format=yuv420p,{tags}", "-c:v", "libx264"
    )
    bench.painted("in.mp4", "-o", "out.mp4")
    assert probe_video(bench / "out.mp4").color.primaries == "smpte432"
