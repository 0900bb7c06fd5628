from fractions import Fraction

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.media import EncodeOptions, PictureOptions, Rate


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"codec": "-i x"}, "--codec '-i x' is no codec"),
        ({"crf": -1}, "--crf -1 is out of range"),
        ({"crf": float("nan")}, "--crf nan is out of range"),
        ({"encoder_option": ("preset",)}, "write it as preset=slow"),
        ({"encoder_option": ("-i a=b",)}, "write it as preset=slow"),
        ({"bit_depth": 9}, "give 8, 10 or 16"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(given, words):
    with pytest.raises(UsageError, match=words):
        EncodeOptions(**given)


def test_an_encoders_options_are_read_and_the_last_counts():
    encode = EncodeOptions(encoder_option=("preset=slow", "x264-params=a=1:b=2", "preset=fast"))
    assert encode.encoder_options == {"preset": "fast", "x264-params": "a=1:b=2"}


@pytest.mark.parametrize(
    ("text", "value"), [("24", "24"), ("12.5", "25/2"), ("30000/1001", "30000/1001"), ("29.97", "30000/1001")]
)
def test_rates_are_exact(text, value):
    assert Rate.parse(text).value == Fraction(value)
    assert str(Rate.parse(text)) == value


@pytest.mark.parametrize("text", ["0", "-1", "fast", "1/0", "1e9", ""])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(UsageError, match="is no rate"):
        Rate.parse(text)


def test_backgrounds_are_named_or_numbered():
    assert PictureOptions().background_rgb == (255, 255, 255)
    assert PictureOptions(background="#ff8000").background_rgb == (255, 128, 0)
    with pytest.raises(UsageError, match="'nocolour' is no colour; give white"):
        PictureOptions(background="nocolour")
