"""Sound in unusual channel orders is copied, or stored in a named layout and reported, or refused at once."""

import pytest
from support.sounds import UNNAMED, levels, tones, with_sound

from vidstyle.media.video.probe import probe_video


def drawn(bench, layout, channels):
    bench.draw("in.mov", *with_sound(layout, channels))
    return "in.mov"


@pytest.mark.parametrize("part", [(), ("--end", "5f")])
@pytest.mark.parametrize("ending", ["mov", "mkv"])
@pytest.mark.parametrize("channels", [4, 16])
def test_uncompressed_sound_keeps_channels_without_names(bench, channels, ending, part):
    bench.painted(drawn(bench, UNNAMED[channels], channels), "-o", f"out.{ending}", *part)
    assert levels(bench / f"out.{ending}") == list(range(1, channels + 1))


@pytest.mark.parametrize(
    ("layout", "channels", "taken"),
    [(UNNAMED[3], 3, "3.0"), (UNNAMED[4], 4, "quad"), (UNNAMED[6], 6, "5.1"), (UNNAMED[8], 8, "7.1")],
)
@pytest.mark.parametrize("ending", ["mp4", "webm"])
def test_channels_without_names_are_stored_in_a_named_layout_and_reported(
    bench, layout, channels, taken, ending
):
    outcome = bench.painted(drawn(bench, layout, channels), "-o", f"out.{ending}")
    assert f"{channels} channels without names are taken as {taken}." in outcome.err
    assert levels(bench / f"out.{ending}") == list(range(1, channels + 1))


@pytest.mark.parametrize("ending", ["mp4", "webm", "mkv"])
def test_channels_in_another_order_come_to_their_places(bench, ending):
    outcome = bench.painted(drawn(bench, "FL+FR+FC+LFE+SL+SR+BL+BR", 8), "-o", f"out.{ending}")
    assert "8 channels (FL+FR+FC+LFE+SL+SR+BL+BR) are taken as 7.1." in outcome.err
    assert levels(bench / f"out.{ending}") == [1, 2, 3, 4, 7, 8, 5, 6]


def test_quicktime_keeps_an_order_of_its_own(bench):
    outcome = bench.painted(drawn(bench, "FL+FR+FC+LFE+SL+SR+BL+BR", 8), "-o", "out.mov")
    assert "channels" not in outcome.err
    assert levels(bench / "out.mov") == list(range(1, 9))


@pytest.mark.parametrize(("layout", "channels"), [("5.0", 5), ("6.1", 7)])
def test_opus_exchanges_no_channels(bench, layout, channels):
    bench.painted(drawn(bench, layout, channels), "-o", "out.webm")
    found = levels(bench / "out.webm")
    assert found == ([1, 2, 3, 0, 4, 5] if channels == 5 else [1, 2, 3, 4, 4, 4, 6, 7])


def test_tracks_of_one_named_channel_each_are_mono(bench):
    places = ("FL", "FR", "LFE")
    graph = ";".join(tones(place, 1, f"[{place}]", hertz=400) for place in places)
    sound = [word for place in places for word in ("-map", f"[{place}]")]
    video = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4", "-filter_complex", graph, "-map", "0:v")
    bench.draw("in.mov", *video, *sound, "-c:v", "libx264", "-c:a", "pcm_s24le")
    outcome = bench.painted("in.mov", "-o", "out.mp4")
    assert "taken as" not in outcome.err
    assert [levels(bench / "out.mp4", track) for track in range(3)] == [[1], [1], [1]]


@pytest.mark.parametrize("ending", ["mp4", "webm"])
@pytest.mark.parametrize("channels", [12, 24])
def test_more_channels_than_an_encoder_takes_are_refused_before_painting(bench, channels, ending):
    message = bench.refused(drawn(bench, UNNAMED[channels], channels), "-o", f"out.{ending}")
    assert f"audio track 1 (pcm_s16le, {channels} channels) cannot be encoded as " in message
    assert message.endswith(
        "; write to .mov or .mkv, which keep all its channels, or omit the audio with --omit-audio."
    )


def test_dry_run_says_what_an_encoder_refuses(bench):
    outcome = bench.paint(drawn(bench, UNNAMED[16], 16), "-o", "out.mp4", "--dry-run")
    assert "would be refused: 'in.mov': audio track 1 (pcm_s16le, 16 channels)" in outcome.out


def test_film_without_its_audio_needs_no_encoder_for_it(bench):
    bench.painted(drawn(bench, UNNAMED[16], 16), "-o", "out.mp4", "--omit-audio")
    assert probe_video(bench / "out.mp4").streams == ()
