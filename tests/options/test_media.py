from fractions import Fraction

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.media import EncodeOptions, PictureOptions, Rate


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"codec": "-i x"}, "invalid --codec '-i x'"),
        ({"crf": -1}, "--crf -1 is out of range"),
        ({"crf": float("nan")}, "--crf nan is out of range"),
        ({"encoder_option": ("preset",)}, "write it as preset=slow"),
        ({"encoder_option": ("-i a=b",)}, "write it as preset=slow"),
        ({"bit_depth": 9}, "invalid --bit-depth 9: give 8, 10 or 16"),
    ],
)
def test_invalid_value_is_refused_by_its_option(given, message):
    with pytest.raises(UsageError, match=message):
        EncodeOptions(**given)


def test_last_of_equal_encoder_options_applies():
    encode = EncodeOptions(encoder_option=("preset=slow", "x264-params=a=1:b=2", "preset=fast"))
    assert encode.encoder_options == {"preset": "fast", "x264-params": "a=1:b=2"}


@pytest.mark.parametrize(
    ("text", "value"), [("24", "24"), ("12.5", "25/2"), ("30000/1001", "30000/1001"), ("29.97", "30000/1001")]
)
def test_rates_are_exact(text, value):
    assert Rate.parse(text).value == Fraction(value)
    assert str(Rate.parse(text)) == value


@pytest.mark.parametrize("text", ["0", "-1", "fast", "1/0", "1e9", ""])
def test_invalid_rate_is_refused(text):
    with pytest.raises(UsageError, match="invalid rate"):
        Rate.parse(text)


def test_background_is_a_name_or_a_number():
    assert PictureOptions().background_rgb == (255, 255, 255)
    assert PictureOptions(background="#ff8000").background_rgb == (255, 128, 0)
    with pytest.raises(UsageError, match="invalid --background 'nocolour': give white"):
        PictureOptions(background="nocolour")
