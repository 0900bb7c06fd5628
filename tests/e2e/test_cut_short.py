"""A truncated film is refused, saying how much is lost; the rest of it is painted where that is allowed."""

from fractions import Fraction

import av
import pytest
from support.clips import H264

from vidstyle.media.video.probe import probe_video

SOURCE = (
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=96x64:r=25:d=4",
    "-f",
    "lavfi",
    "-i",
    "sine=d=4",
    *H264,
    "-g",
    25,
)


@pytest.fixture
def cut(bench, draw):
    """Cut a film of 100 frames after a share of its bytes."""

    def make(ending, share):
        whole = draw(f"whole.{ending}", *SOURCE, "-movflags", "+faststart")
        data = whole.read_bytes()
        (bench / f"cut.{ending}").write_bytes(data[: int(len(data) * share)])
        return f"cut.{ending}"

    return make


@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv"])
def test_film_that_is_cut_short_is_refused_saying_how_much_is_lost(bench, cut, ending, share):
    name = cut(ending, share)
    sentence = bench.refused(name, begun=True)
    assert sentence.startswith(f"'{name}' is damaged: ")
    assert "frames are lost" in sentence or "s of video or audio are missing" in sentence
    assert sentence.endswith("repair it, or paint what is left with --allow-damaged.")


@pytest.mark.parametrize(("ending", "share"), [("mp4", 0.5), ("mov", 0.9), ("mkv", 0.9)])
def test_rest_of_a_cut_film_is_painted_at_its_own_times_with_its_sound(bench, cut, ending, share):
    name = cut(ending, share)
    outcome = bench.painted(name, "--allow-damaged", "-o", f"out.{ending}")
    assert f"vidstyle: '{name}': damaged: " in outcome.err
    made = probe_video(bench / f"out.{ending}")
    # The share of bytes is about that of pictures.
    assert abs(made.frames - 100 * share) < 12
    assert max(abs(time - Fraction(round(time * 25), 25)) for time in made.timestamps) <= Fraction(1, 1000)
    assert len(made.audio) == 1


def test_rest_of_a_cut_film_is_estimated(bench, cut):
    outcome = bench.painted(cut("mp4", 0.5), "--allow-damaged", "--dry-run")
    assert "damaged: " in outcome.out
    assert "of its 100 frames are lost" in outcome.out


def test_film_without_its_index_is_refused(bench, draw):
    (bench / "cut.mp4").write_bytes(draw("behind.mp4", *SOURCE).read_bytes()[:-1000])
    for words in ((), ("--allow-damaged",)):
        assert "not a video or photo that can be read" in bench.refused("cut.mp4", *words)


def packets(path):
    with av.open(str(path)) as container:
        return [(packet.stream_index, packet.pts, bytes(packet)) for packet in container.demux()]


def test_whole_film_comes_out_the_same_where_damage_is_allowed(bench, film):
    bench.painted(film, "-o", "plain.mp4")
    bench.painted(film, "-o", "allowed.mp4", "--allow-damaged")
    plain, allowed = (packets(bench / name) for name in ("plain.mp4", "allowed.mp4"))
    assert plain == allowed
    assert len(plain) >= 25
