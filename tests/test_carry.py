import json
from types import SimpleNamespace

import numpy as np
import pytest

from vidstyle.events import Losses
from vidstyle.media.frames import quantize
from vidstyle.motion.flow import Motion
from vidstyle.pipeline.carry import MATURE, STANDARD, Finished, carried, finished, packed, unpacked

SHAPE = (20, 30)


def noise(seed):
    return np.random.default_rng(seed).random((*SHAPE, 3), np.float32)


def still(*, uncovered=()):
    """Nothing moved, and the columns `uncovered` are new."""
    kept = np.ones(SHAPE, np.float32)
    kept[:, list(uncovered)] = 0
    return Motion(np.zeros((*SHAPE, 2), np.float32), kept.copy(), kept)


def painted(image, content=3.0, style=5.0, gamma=0.25):
    losses = Losses(content, style, 0.0, 0.0)
    return SimpleNamespace(image=image, losses=losses, gamma=gamma, iterations=9, undone=0, seconds=0.5)


def test_on_a_still_film_a_frame_starts_as_the_one_before():
    before = Finished(noise(1), 0.25, (1.0, 2.0))
    handed = carried(noise(2), still(), before)
    np.testing.assert_allclose(handed["start"], before.image, atol=1e-6)
    np.testing.assert_allclose(handed["warped"], before.image, atol=1e-6)
    assert handed["trust"].min() == 1
    assert (handed["young"], handed["gamma"], handed["standard"]) == (None, 0.25, (1.0, 2.0))


def test_what_is_uncovered_starts_from_the_source_untrusted_and_young():
    before, source = Finished(noise(1), standard=(1.0, 2.0)), noise(2)
    handed = carried(source, still(uncovered=range(10)), before)
    old, new = np.s_[:, 10:], np.s_[:, :10]
    np.testing.assert_allclose(handed["start"][old], before.image[old], atol=1e-6)
    # In the painting's colours, but with the source's forms.
    seen = np.corrcoef(handed["start"][new].ravel(), source[new].ravel())[0, 1]
    assert seen > 0.95
    assert handed["trust"][new].max() == 0
    assert handed["trust"][old].min() == 1
    assert handed["young"][new].min() == 1
    assert handed["young"][old].max() == 0
    # Its losses are not yet to be measured by those of the whole.
    assert handed["standard"] is None


def test_what_was_uncovered_matures_frame_by_frame():
    shares, before = [], finished(noise(1), still(), None, painted(noise(1)))
    motion = still(uncovered=range(10))
    for _ in range(MATURE + 2):
        handed = carried(noise(2), motion, before)
        shares.append(0.0 if handed["young"] is None else float(handed["young"][0, 0]))
        before = finished(noise(2), motion, before, painted(noise(3)))
        motion = still()
    assert shares == pytest.approx([*np.arange(MATURE, -1, -1) / MATURE, 0.0])
    assert before.age is None


def test_the_first_frame_of_a_shot_sets_the_standard_of_the_others():
    first = finished(noise(1), None, None, painted(noise(1), 3.0, 5.0))
    second = finished(noise(2), still(), first, painted(noise(2), 100.0, 100.0))
    assert first.standard == second.standard == pytest.approx((STANDARD * 3.0, STANDARD * 5.0))


def test_a_frame_is_rounded_as_it_is_stored():
    np.testing.assert_array_equal(finished(noise(1), None, None, painted(noise(2))).image, quantize(noise(2)))
    np.testing.assert_array_equal(finished(noise(1), still(), None, None).image, quantize(noise(1)))


@pytest.mark.parametrize("uncovered", [range(0), range(10), range(30)])
def test_what_a_frame_hands_on_comes_back_from_json_to_the_last_bit(uncovered):
    first = finished(noise(1), None, None, painted(noise(1), 1 / 3, 2 / 3, float(np.float32(0.1))))
    frame = finished(noise(2), still(uncovered=uncovered), first, painted(noise(2), gamma=1 / 7))
    again = unpacked(frame.image, json.loads(json.dumps(packed(frame))))
    assert (again.gamma, again.standard) == (frame.gamma, frame.standard)
    np.testing.assert_equal(again.age, frame.age)
    expected, handed = (carried(noise(3), still(), each) for each in (frame, again))
    np.testing.assert_equal(handed, expected)


def test_a_copied_frame_hands_on_its_picture_alone():
    frame = finished(noise(1), None, None, None)
    assert unpacked(frame.image, json.loads(json.dumps(packed(frame)))) is not None
    assert (frame.gamma, frame.standard, frame.age) == (0.0, None, None)
