import numpy as np
import pytest

from vidstyle.imaging.oklab import from_oklab, to_grey, to_oklab

SOURCE = np.random.default_rng(4).random((12, 9, 3), np.float32)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [  # Of Ottosson's own table and of CSS Color 4.
        ((1, 1, 1), (1, 0, 0)),
        ((1, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 1, 0), (0.86644, -0.23389, 0.17950)),
        ((0, 0, 1), (0.45201, -0.03246, -0.31153)),
    ],
)
def test_oklab_has_the_values_of_its_definition(rgb, lab):
    image = np.array([[rgb]], np.float32)
    np.testing.assert_allclose(to_oklab(image)[0, 0], lab, atol=2e-4)
    np.testing.assert_allclose(from_oklab(to_oklab(image)), image, atol=2e-3)


def test_grey_has_no_chroma_and_the_same_lightness():
    lab = to_oklab(to_grey(SOURCE))
    np.testing.assert_allclose(lab[..., 1:], 0, atol=1e-3)
    np.testing.assert_allclose(lab[..., 0], to_oklab(SOURCE)[..., 0], atol=1e-3)
