from fractions import Fraction

import pytest

from vidstyle.media.video.timecode import advance_timecode, convert_timecode

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("label", "rate", "frames", "then"),
    [
        ("01:00:00:00", 25, 0, "01:00:00:00"),
        ("01:00:00:20", 25, 30, "01:00:02:00"),
        ("23:59:59:24", 25, 1, "00:00:00:00"),
        ("10:00:00:23", Fraction(24000, 1001), 1, "10:00:01:00"),
        # Numbers 0 and 1 of a minute are dropped, but not in every tenth.
        ("00:00:59;29", NTSC, 1, "00:01:00;02"),
        ("00:09:59;29", NTSC, 1, "00:10:00;00"),
        ("00:00:00;00", NTSC, 107892, "01:00:00;00"),
        ("00:00:59;59", 2 * NTSC, 1, "00:01:00;04"),
    ],
)
def test_timecode_counts_frames(label, rate, frames, then):
    assert advance_timecode(label, Fraction(rate), frames) == then


def test_timecodes_of_frames_are_unique():
    shown = [advance_timecode("00:59:50;00", NTSC, frames) for frames in range(40000)]
    assert len(set(shown)) == len(shown)
    assert [advance_timecode(label, NTSC, 1) for label in shown[:-1]] == shown[1:]


def test_other_text_is_not_a_timecode():
    assert advance_timecode("one o'clock", Fraction(25), 3) is None
    assert convert_timecode("1:2", Fraction(25), Fraction(50)) is None


def test_timecode_of_another_rate_is_at_the_same_time():
    assert convert_timecode("01:00:00:20", Fraction(25), Fraction(50)) == "01:00:00:40"
    assert convert_timecode("01:00:00;29", NTSC, Fraction(25)) == "01:00:00:24"
    assert convert_timecode("01:00:00;29", NTSC, 2 * NTSC) == "01:00:00;58"
