import numpy as np
import pytest

from vidstyle.imaging.exposure import expose

RAMP = np.broadcast_to(np.linspace(0, 65535, 96).astype(np.uint16)[None, :, None], (64, 96, 3))


def test_light_is_encoded_as_srgb():
    light = np.uint16([[[0, 131, 32768, 65535]]])
    # IEC 61966-2-1.
    assert np.allclose(expose(light) / 65535, [0, 12.92 * 131 / 65535, 0.7354, 1], atol=1e-4)


@pytest.mark.parametrize("brightness", [0.4, 0.5, 0.8])
def test_photo_gets_the_brightness_of_the_other_rendering(brightness):
    made = expose(RAMP, brightness)
    assert made.mean() / 65535 == pytest.approx(brightness, abs=1e-3)
    # Nothing is clipped, and no two levels change places.
    assert made[0, :, 0].tolist() == sorted(set(made[0, :, 0].tolist()))
    assert (made.min(), made.max()) == (0, 65535)


@pytest.mark.parametrize("brightness", [0.0, 1.0])
@pytest.mark.parametrize("level", [0, 1, 65535])
def test_brightness_out_of_reach_is_approached(level, brightness):
    light = np.full((4, 6, 3), level, np.uint16)
    assert expose(light, brightness).shape == (4, 6, 3)


def test_large_photo_is_exposed_as_a_small_one():
    large = np.kron(RAMP, np.ones((8, 8, 1), np.uint16)).astype(np.uint16)
    assert np.abs(expose(large, 0.4)[::8, ::8].astype(int) - expose(RAMP, 0.4)).max() < 200
