import numpy as np
import pytest
from PIL import Image
from support import icc_profiles as icc

from vidstyle.media.photo.icc import SRGB, converted, converted_by_tables, is_srgb, is_wide_gamut, read_shaper


@pytest.fixture
def colours():
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)


@pytest.mark.parametrize(
    "profile",
    [
        icc.profile(icc.P3),
        icc.profile(icc.ADOBE, (2.19921875,)),
        icc.profile(icc.SRGB, ()),
        icc.profile(tone=(1.8,)),
    ],
    ids=["p3", "adobe", "linear", "gamma 1.8"],
)
def test_converted_colours_match_littlecms(colours, profile):
    expected = np.asarray(converted_by_tables(Image.fromarray(colours), profile, SRGB), np.float32)
    found = converted(colours.astype(np.float32) / 255, profile, SRGB) * 255
    assert np.abs(found - expected).max() < 1.2


def test_converted_grey_matches_littlecms():
    levels = np.arange(256, dtype=np.uint8)[None]
    profile = icc.profile(tone=(1.8,), space=b"GRAY")
    expected = np.asarray(converted_by_tables(Image.fromarray(levels), profile, SRGB), np.float32)
    found = converted(levels[..., None].astype(np.float32) / 255, profile, SRGB) * 255
    assert found.shape == (1, 256, 3)
    assert np.abs(found - expected).max() < 2


def test_sixteen_bits_are_converted_to_a_level():
    levels = np.random.default_rng(1).integers(0, 65536, (64, 64, 3)) / 65535
    adobe, srgb = (read_shaper(profile).to_xyz for profile in (icc.profile(icc.ADOBE), SRGB))
    light = np.clip(levels ** (563 / 256) @ (np.linalg.inv(srgb) @ adobe).T, 0, 1)
    expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    found = converted(levels.astype(np.float32), icc.profile(icc.ADOBE, (563 / 256,)), SRGB)
    assert np.abs(found - expected).max() * 65535 < 1


def test_conversion_to_a_wider_gamut_and_back_keeps_colours(colours):
    levels = colours.astype(np.float32) / 255
    there = converted(levels, SRGB, icc.profile(icc.P3))
    assert np.abs(there - levels).max() > 0.05
    assert np.abs(converted(there, icc.profile(icc.P3), SRGB) - levels).max() < 1e-3


def test_srgb_under_another_name_changes_nothing(colours):
    levels = colours.astype(np.float32) / 255
    assert is_srgb(icc.profile())
    assert converted(levels, icc.profile(), SRGB) is levels


@pytest.mark.parametrize(
    ("profile", "wide"),
    [
        (SRGB, False),
        (icc.profile(), False),
        (icc.profile(icc.P3), True),
        (icc.profile(icc.ADOBE, (2.2,)), True),
        (icc.profile(icc.P3, ()), False),  # Linear light is no scale to paint in.
        (icc.profile(space=b"GRAY"), False),
        (b"no profile", False),
    ],
    ids=["srgb", "srgb drawn", "p3", "adobe", "linear p3", "grey", "none"],
)
def test_wide_gamut_exceeds_srgb(profile, wide):
    assert is_wide_gamut(profile) is wide


@pytest.mark.parametrize("length", [0, 100, 131, 140, 300])
def test_damaged_profile_is_none(length):
    assert read_shaper(icc.profile()[:length]) is None


def test_srgb_profile_has_a_fixed_date():
    assert SRGB[24:36] == bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))
    assert is_srgb(SRGB)
