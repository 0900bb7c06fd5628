import numpy as np

from vidstyle.imaging.resize import resize


def test_shrinking_averages_and_growing_stays_in_range():
    image = np.zeros((4, 4, 3), np.float32)
    image[:, 2:] = 1
    assert resize(image, 2, 2)[0].tolist() == [[0] * 3, [1] * 3]
    assert resize(image, 1, 1)[0, 0].tolist() == [0.5] * 3
    grown = resize(image, 9, 9)
    assert (grown.min(), grown.max()) == (0, 1)


def test_same_size_is_unchanged():
    image = np.random.default_rng(0).random((5, 7, 3), np.float32)
    assert np.array_equal(resize(image, 7, 5), image)
