"""Each frame keeps its time, and sound stays in sync: variable rates, NTSC, late starts, edit lists."""

from fractions import Fraction

import pytest
from support.clips import BEEP, FLASH, H264, brightening, sound_of

from vidstyle.media.video.probe import probe_video

PICTURE, SOUND = ("-f", "lavfi", "-i", FLASH), ("-f", "lavfi", "-i", BEEP)


def apart(one, other):
    """Find the largest difference of two films' times, in seconds."""
    assert one.frames == other.frames
    return max(abs(a - b) for a, b in zip(one.timestamps, other.timestamps, strict=True))


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_varying_rate_is_kept(bench, variable, ending):
    bench.painted(variable, "-o", f"out.{ending}")
    before, after = probe_video(variable), probe_video(bench / f"out.{ending}")
    assert before.frames == 32
    assert apart(before, after) <= Fraction(1, 1000)
    assert abs(before.duration - after.duration) <= Fraction(1, 60)


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_long_frame_stays_for_hours(bench, ending):
    late = "testsrc2=s=64x48:r=25:d=0.12,setpts='if(eq(N,2),36000,N)/TB'"
    source = bench.draw("in.mkv", "-f", "lavfi", "-i", late, "-fps_mode", "passthrough", *H264)
    bench.painted("in.mkv", "-o", f"out.{ending}")
    assert apart(probe_video(source), probe_video(bench / f"out.{ending}")) <= Fraction(1, 1000)
    assert "lasts 35999 s" in bench.refused("in.mkv", "-o", "out.gif")


@pytest.mark.parametrize("rate", ["24000/1001", "30000/1001", "60000/1001", "1", "1000/3"])
def test_rate_stays_the_same_fraction(bench, rate):
    bench.draw("in.mp4", "-f", "lavfi", "-i", f"testsrc2=s=64x48:r={rate}", "-frames:v", 12, *H264)
    bench.painted("in.mp4", "-o", "out.mp4")
    film = probe_video(bench / "out.mp4")
    assert (film.rate, film.frames, film.variable) == (Fraction(rate), 12, False)


@pytest.mark.parametrize("late", ["picture", "sound"])
def test_late_start_stays_late(bench, late):
    shifted = ("-itsoffset", "0.32")
    inputs = (*SOUND, *shifted, *PICTURE) if late == "picture" else (*PICTURE, *shifted, *SOUND)
    source = bench.draw("in.mp4", *inputs, *H264, "-c:a", "aac")
    bench.painted("in.mp4", "-o", "out.mp4")
    before, after = (brightening(path) - sound_of(path).onset for path in (source, bench / "out.mp4"))
    assert after == pytest.approx(before, abs=0.0015)


def test_frames_that_an_edit_list_cuts_stay_cut(bench, draw):
    inputs = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2")
    long = draw("faults-long.mp4", *inputs, *H264, "-g", 50)
    source = bench.draw("in.mp4", "-ss", 1, "-i", long, "-c", "copy")
    bench.painted("in.mp4", "-o", "out.mp4")
    before, after = probe_video(source), probe_video(bench / "out.mp4")
    assert (before.frames, after.frames) == (25, 25)
    assert apart(before, after) <= Fraction(1, 1000)
