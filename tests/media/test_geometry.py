from fractions import Fraction

import pytest

from vidstyle.errors import InputError
from vidstyle.media.geometry import FrameSize, fit


@pytest.mark.parametrize(
    ("size", "aspect", "longer", "expected"),
    [
        ((1280, 720), Fraction(1), 512, FrameSize(512, 288, Fraction(1))),
        ((640, 272), Fraction(1), 320, FrameSize(320, 136, Fraction(1))),
        ((64, 48), Fraction(1), 512, FrameSize(64, 48, Fraction(1))),
        ((161, 121), Fraction(1), None, FrameSize(160, 120, Fraction(483, 484))),
        ((720, 576), Fraction(16, 15), 512, FrameSize(512, 384, Fraction(1))),
        ((176, 144), Fraction(128, 117), 512, FrameSize(192, 144, Fraction(352, 351))),
        ((1080, 1920), Fraction(1), 511, FrameSize(288, 510, Fraction(255, 256))),
        ((2000, 1), Fraction(1), 100, FrameSize(100, 2, Fraction(40))),
    ],
)
def test_video_gets_even_sides_and_keeps_its_display_aspect_ratio(size, aspect, longer, expected):
    frame = fit(*size, aspect, longer, even=True)
    assert frame == expected
    assert Fraction(frame.width, frame.height) * frame.pixel_aspect == Fraction(*size) * aspect


def test_photo_may_have_odd_sides():
    assert fit(161, 121, Fraction(1), None, even=False) == FrameSize(161, 121, Fraction(1))
    assert fit(300, 201, Fraction(1), 100, even=False) == FrameSize(100, 67, Fraction(67, 67))


def test_pixel_aspect_has_terms_of_16_bits():
    aspect = fit(4093, 3067, Fraction(1021, 1019), 509, even=True).pixel_aspect
    assert max(aspect.numerator, aspect.denominator) <= 65535


def test_frame_beyond_any_memory_is_refused():
    with pytest.raises(InputError, match="too large"):
        fit(40000, 40000, Fraction(1), None, even=False)
