"""Colours are those that ffmpeg itself decodes, within 3 levels of 255, and the tags say what is true."""

import numpy as np
import pytest
from support.clips import CORNERS, decoded_by_ffmpeg
from support.patches import PATCHES, draw_patches, patches_of

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


@pytest.mark.parametrize(
    ("size", "matrix", "words", "tags"),
    [
        ((1280, 720), "bt709", (), ("bt709", "bt709", "bt709")),
        ((720, 480), "bt601", (), ("smpte170m", "unknown", "unknown")),
        ((1280, 720), "bt601", ("--color-matrix", "bt601"), ("smpte170m", "unknown", "unknown")),
        ((720, 480), "bt2020", ("--color-matrix", "bt2020"), ("bt2020nc", "bt2020", "bt2020-10")),
    ],
)
def test_film_without_tags_is_painted_and_tagged_as_players_take_it(bench, draw, size, matrix, words, tags):
    source = draw_patches(draw, size, matrix)
    outcome = bench.painted(source, "-o", "out.mkv", "--size", 128, "--crf", 0, *words)
    video = probe_video(bench / "out.mkv")
    assert (video.color.matrix, video.color.primaries, video.color.transfer) == tags
    assert np.abs(patches_of(video) - PATCHES).max() <= 3
    is_reported = "not tagged with a colour matrix, so read as BT.709, as players do with HD" in outcome.err
    assert is_reported == (size == (1280, 720) and not words)


def test_matrix_that_has_no_effect_is_reported(bench, draw):
    source = draw_patches(draw, (720, 480), "bt709", tagged=True)
    outcome = bench.painted(source, "-o", "out.mkv", "--size", 128, "--color-matrix", "bt2020")
    assert "--color-matrix bt2020 has no effect, since the colour matrix is known" in outcome.err
    assert probe_video(bench / "out.mkv").color.matrix == "bt709"
