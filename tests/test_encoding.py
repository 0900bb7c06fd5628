import pytest

from vidstyle.encoding import EncodeOptions
from vidstyle.errors import UsageError


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
