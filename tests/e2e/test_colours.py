"""Colours are those that ffmpeg itself decodes, within 3 levels of 255, and the tags say what is true."""

import numpy as np
import pytest
from support.clips import CORNERS, decoded_by_ffmpeg

from vidstyle.media.video.probe import probe_video

TAGS = {"bt601": "smpte170m", "bt709": "bt709", "bt2020": "bt2020nc", "untagged": None}


@pytest.mark.parametrize("levels", ["tv", "pc"])
@pytest.mark.parametrize("matrix", TAGS)
def test_patches_keep_their_colours(bench, matrix, levels):
    tag = TAGS[matrix]
    convert = f"scale=out_color_matrix={'bt601' if tag is None else matrix}:out_range={levels},format=yuv444p"
    tags = f",setparams=colorspace={tag}:range={levels}" if tag else f",setparams=range={levels}"
    lossless = ("-c:v", "libx264", "-qp", 0)
    source = bench.draw("in.mkv", "-filter_complex", f"{CORNERS},hue=h=20:s=0.7,{convert}{tags}", *lossless)
    bench.painted("in.mkv", "-o", "out.mkv", "--codec", "ffv1")
    before, after = (
        decoded_by_ffmpeg(path, bench.folder).astype(int) for path in (source, bench / "out.mkv")
    )
    patches = (slice(12, 48, 24), slice(16, 64, 32))
    assert np.abs(before[patches] - after[patches]).max() <= 3
    assert probe_video(bench / "out.mkv").color.matrix in {tag or "smpte170m", "bt709"}


@pytest.mark.parametrize("levels", ["tv", "pc"])
@pytest.mark.parametrize("matrix", ["bt601", "bt709", "bt2020"])
def test_ordinary_result_says_by_its_tags_what_it_is(bench, matrix, levels):
    convert = f"scale=out_color_matrix={matrix}:out_range={levels},format=yuv444p"
    tags = f"setparams=colorspace={TAGS[matrix]}:range={levels}"
    drawing = f"{CORNERS},hue=h=20:s=0.7,{convert},{tags}"
    source = bench.draw("in.mkv", "-filter_complex", drawing, "-c:v", "libx264", "-qp", 0)
    bench.painted("in.mkv", "-o", "out.mp4", "--crf", 0)
    color = probe_video(bench / "out.mp4").color
    assert (color.matrix, color.range) == (TAGS[matrix], levels)
    before, after = (
        decoded_by_ffmpeg(path, bench.folder).astype(int) for path in (source, bench / "out.mp4")
    )
    patches = (slice(12, 48, 24), slice(16, 64, 32))
    assert np.abs(before[patches] - after[patches]).max() <= 3
