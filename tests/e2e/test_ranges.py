"""One frame is a film; an empty part and a size that changes midway are named."""

import pytest
from support.clips import H264

from vidstyle.media.video.probe import probe_video


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov"])
def test_one_frame_is_a_film(bench, ending):
    bench.draw(f"in.{ending}", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25", "-frames:v", 1, *H264)
    bench.painted(f"in.{ending}", "-o", f"out.{ending}")
    assert probe_video(bench / f"out.{ending}").frames == 1


@pytest.mark.parametrize(
    "words", [("--start", "5"), ("--end", "0"), ("--start", "0.41", "--end", "0.43"), ("--start", "25f")]
)
def test_empty_part_is_named(bench, film, words):
    assert "'in.mp4'" in bench.refused(film, *words)


def test_part_that_ends_before_it_begins_is_a_wrong_command(bench, film):
    assert "--end" in bench.refused(film, "--start", "0.8", "--end", "0.2", code=2)


@pytest.mark.parametrize("first", ["64x48", "48x64"])
def test_size_that_changes_midway_is_named(bench, first):
    for name, size in (("a.h264", first), ("b.h264", "96x64")):
        bench.draw(name, "-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=0.4", *H264[:-1], 0, "-g", 5)
    (bench / "in.h264").write_bytes((bench / "a.h264").read_bytes() + (bench / "b.h264").read_bytes())
    sentence = bench.refused("in.h264", "-o", "out.mp4", begun=True)
    assert sentence == "'in.h264' changes its size to 96 x 64 midway; convert it to one size first."
