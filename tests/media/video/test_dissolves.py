import cv2
import numpy as np
import pytest

from vidstyle.media.video.dissolves import DissolveDetector, aligned_correlation


def blobs(seed):
    """Spots of several sizes, [72, 128] in 0 to 255."""
    noise = np.random.default_rng(seed)
    spots = sum(size * cv2.GaussianBlur(noise.normal(0, 1, (72, 128)), (0, 0), size) for size in (1.5, 5, 16))
    return np.clip(128 + 45 * spots / spots.std(), 0, 255)


ONE, OTHER = blobs(1), blobs(2)


def cuts_in(shares, ends=(ONE, OTHER)):
    detector = DissolveDetector(12)
    for index, share in enumerate(shares):
        detector.process(index, ((1 - share) * ends[0] + share * ends[1]).astype(np.uint8))
    return list(detector.cuts())


@pytest.mark.parametrize("length", [8, 12, 18])
def test_cross_fade_is_found_once_between_its_ends(length):
    [cut] = cuts_in(np.clip((np.arange(44) - 12) / length, 0, 1))
    assert 12 < cut < 12 + length


def test_two_cross_fades_are_two_cuts():
    shares = np.interp(np.arange(70), [12, 20, 45, 53], [0, 1, 1, 0])
    assert len(cuts_in(shares)) == 2


def test_hard_cut_is_not_a_cross_fade():
    assert cuts_in([0] * 20 + [1] * 20) == []


@pytest.mark.parametrize("end", [0.3 * ONE, np.zeros_like(ONE)], ids=["lamp", "fade to black"])
def test_slow_change_of_light_is_not_a_cross_fade(end):
    assert cuts_in(np.clip((np.arange(44) - 12) / 16, 0, 1), (ONE, end)) == []


def test_correlation_compensates_motion_and_light():
    one, other = ONE.astype(np.uint8), OTHER.astype(np.uint8)
    moved = np.roll(one, 5, axis=1)
    assert aligned_correlation(one, moved) > 0.8
    assert aligned_correlation(one, moved // 3) > 0.8
    assert aligned_correlation(one, other) < 0.45


def test_video_shorter_than_the_window_has_no_cross_fade():
    assert cuts_in([0, 0.5, 1]) == []
