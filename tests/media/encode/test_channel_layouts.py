import pytest

from vidstyle.media.encode.channel_layouts import is_kept, plan_layout, plan_order
from vidstyle.media.encode.codecs import AUDIO_CODECS
from vidstyle.media.video.tracks import Stream, Track


def track(layout, channels):
    return Stream(1, Track.AUDIO, "pcm_s16le", channels, layout=layout)


def planned(codec, layout, channels):
    return plan_layout(track(layout, channels), AUDIO_CODECS[codec])


@pytest.mark.parametrize(
    ("layout", "channels", "taken"),
    [
        ("3 channels", 3, "3.0"),
        ("4 channels", 4, "quad"),
        ("5 channels", 5, "5.0"),
        ("6 channels", 6, "5.1"),
        ("8 channels", 8, "7.1"),
        ("4 channels (USR1+USR2+FL+FL)", 4, "quad"),
        ("ambisonic 1", 4, "quad"),
        ("binaural", 2, "stereo"),
    ],
)
def test_channels_without_names_are_taken_in_their_order(layout, channels, taken):
    plan = planned("aac", layout, channels)
    order = "|".join(map(str, range(channels)))
    assert plan.filter.startswith(f"channelmap=map={order}:channel_layout={taken},")
    assert plan.note.startswith(f"{channels} channels ")
    assert plan.note.endswith(f" are taken as {taken}")


def test_channels_with_names_are_moved_to_their_places():
    plan = planned("aac", "4 channels (FR+FL+LFE+FC)", 4)
    assert plan.filter.startswith("channelmap=map=1|0|3|2:channel_layout=3.1,")
    assert plan.note == "4 channels (FR+FL+LFE+FC) are taken as 3.1"


def test_layout_that_a_codec_lacks_is_mixed_and_reported():
    assert planned("aac", "7.1.4", 12).note == "7.1.4 is mixed to another layout for AAC"
    assert planned("opus", "4 channels (FR+FL+LFE+FC)", 4).note == (
        "4 channels (FR+FL+LFE+FC) are taken as 3.1; 3.1 is mixed to another layout for Opus"
    )


@pytest.mark.parametrize("layout", ["", "mono", "stereo", "quad", "5.1", "5.1(side)", "7.1"])
@pytest.mark.parametrize("codec", ["aac", "opus"])
def test_common_layouts_are_kept_without_a_note(codec, layout):
    plan = planned(codec, layout, 2)
    assert plan.filter.startswith("aformat=channel_layouts=7.1|")
    assert plan.note == ""


@pytest.mark.parametrize("layout", ["mono", "1 channels (FL)"])
def test_single_channel_is_mono_without_a_note(layout):
    assert planned("aac", layout, 1).note == ""


@pytest.mark.parametrize(
    ("codec", "layout", "channels"),
    [("aac", "16 channels", 16), ("aac", "ambisonic 2", 9), ("opus", "16 channels", 16)],
)
def test_more_channels_than_a_layout_has_are_left_to_the_encoder(codec, layout, channels):
    plan = planned(codec, layout, channels)
    assert (plan.filter, plan.note) == ("", "")


def test_opus_keeps_ambisonic_channels():
    plan = planned("opus", "ambisonic 1", 4)
    assert (plan.filter, plan.options, plan.note) == ("", {"mapping_family": 2}, "")


@pytest.mark.parametrize(
    ("codec", "layout", "channels", "kept"),
    [
        ("flac", "7.1", 8, True),
        ("flac", "7.1.4", 12, False),
        ("flac", "4 channels", 4, False),
        ("alac", "5.1(side)", 6, True),
        ("alac", "7.1", 8, False),
        ("alac", "", 0, True),
    ],
)
def test_lossless_codecs_keep_their_own_layouts(codec, layout, channels, kept):
    assert is_kept(track(layout, channels), AUDIO_CODECS[codec]) == kept


def test_order_is_planned_for_channels_with_names_only():
    plan = plan_order(track("6 channels (FL+FC+FR+SL+SR+LFE)", 6))
    assert plan.filter == "channelmap=map=0|2|1|5|3|4:channel_layout=5.1(side)"
    assert plan.note == "6 channels (FL+FC+FR+SL+SR+LFE) are taken as 5.1(side)"
    for layout, channels in (("4 channels", 4), ("5.1", 6), ("2 channels (FL+FL)", 2)):
        assert plan_order(track(layout, channels)) is None
