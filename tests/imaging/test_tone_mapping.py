import numpy as np
import pytest

from vidstyle.imaging.tone_mapping import tone_map

# Signals of PQ for light in cd/m^2, from ITU-R BT.2408, table 1.
PQ = {0.0: 0.0, 100.0: 0.5081, 203.0: 0.5807, 1000.0: 0.7518, 10000.0: 1.0}


def signal_of(light):
    """ST 2084, equation 5.2."""
    power = (light / 10000) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


def grey(*signals, kind="PQ"):
    image = np.repeat(np.array(signals, np.float32)[None, :, None], 3, axis=2)
    return tone_map(image, kind)[0]


def test_light_below_the_knee_is_unchanged():
    for light in (1.0, 10.0, 50.0, 90.0):
        assert grey(signal_of(light))[0] == pytest.approx([(light / 203) ** (1 / 2.4)] * 3, abs=0.003)


def test_peak_light_and_above_becomes_white():
    assert grey(PQ[1000.0], PQ[10000.0]) == pytest.approx(1, abs=0.001)
    assert grey(PQ[0.0]) == pytest.approx(0, abs=0.001)


def test_more_light_is_never_darker():
    shades = grey(*np.linspace(0, 1, 256))[:, 0]
    assert (np.diff(shades) >= -1e-6).all()
    # The white of paper stays well below that of lamps.
    assert 0.8 < grey(PQ[203.0])[0, 0] < 0.95


def test_hlg_is_that_of_a_display_of_1000_cd():
    # BT.2408: HLG 75% is 203 cd/m^2, as PQ 58% is; 50% is a twelfth of the scene's light.
    assert grey(0.75, kind="HLG")[0] == pytest.approx(grey(PQ[203.0])[0], abs=0.004)
    assert grey(0.5, kind="HLG")[0] == pytest.approx((1000 * (1 / 12) ** 1.2 / 203) ** (1 / 2.4), abs=0.004)
    assert grey(1.0, kind="HLG") == pytest.approx(1, abs=0.001)


def test_greys_stay_grey_and_bt709_primaries_are_reached():
    assert np.ptp(grey(*np.linspace(0, 1, 16)), axis=1).max() < 1e-3
    # BT.709's red in BT.2020 is this much of each (BT.2087), at 50 cd/m^2.
    light = 50 * np.array([0.6274, 0.0691, 0.0164])
    red = tone_map(signal_of(light)[None, None].astype(np.float32), "PQ")[0, 0]
    assert red == pytest.approx([(50 / 203) ** (1 / 2.4), 0, 0], abs=0.03)
