import numpy as np
import pytest

from vidstyle.events import Losses
from vidstyle.media.frame_png import quantize
from vidstyle.motion.flow import Motion
from vidstyle.motion.stability import detail
from vidstyle.neural.result import Painted
from vidstyle.pipeline.paint.frame_state import SETTLE_FRAMES, FrameState, Reference
from vidstyle.pipeline.paint.warm_start import (
    BORDER_PX,
    ENTERS_PX,
    NEW_ITERATIONS,
    PASS_BLEND,
    QUALITY_TOLERANCES,
    blend_with_previous_pass,
    next_state,
    warm_start,
)

SHAPE = (20, 30)


def noise(seed):
    return np.random.default_rng(seed).random((*SHAPE, 3), np.float32)


def still(*, uncovered=()):
    """Nothing moved, and the columns `uncovered` are new."""
    kept = np.ones(SHAPE, np.float32)
    kept[:, list(uncovered)] = 0
    return Motion(np.zeros((*SHAPE, 2), np.float32), kept.copy(), kept)


def since(before, motion=None, distance=1):
    return Reference(before, still() if motion is None else motion, distance)


def painted(image, content=3.0, style=5.0, gamma=0.25):
    losses = Losses(content=content, style=style, tv=0.0, temporal=0.0)
    return Painted(image, lambda: losses, 9, 0, gamma, 0.5, (0.5 * content, 0.5 * style))


def test_on_a_still_film_a_frame_starts_as_the_one_before():
    before = FrameState(noise(1), 0.25, (1.0, 2.0))
    start = warm_start(noise(2), [since(before)])
    np.testing.assert_allclose(start.image, before.image, atol=1e-6)
    np.testing.assert_allclose(start.warped, before.image, atol=1e-6)
    assert start.trust.min() == 1
    assert (start.hessian_scale, start.target_losses) == (0.25, (1.0, 2.0))


def test_disoccluded_pixels_start_from_the_source_untrusted():
    before, source = FrameState(noise(1), target_losses=(1.0, 2.0)), noise(2)
    start = warm_start(source, [since(before, still(uncovered=range(10)))])
    old, new = np.s_[:, 10:], np.s_[:, :10]
    np.testing.assert_allclose(start.image[old], before.image[old], atol=1e-6)
    # In the painting's colours, but with the source's forms.
    seen = np.corrcoef(start.image[new].ravel(), source[new].ravel())[0, 1]
    assert seen > 0.95
    assert start.trust[new].max() == 0
    assert start.trust[old].min() == 1
    # They hardly show in the losses of the whole.
    assert (start.target_losses, start.least_iterations) == ((1.0, 2.0), NEW_ITERATIONS)


def test_disoccluded_pixels_start_in_the_styles_colours_and_contrasts():
    before, matched = FrameState(noise(1)), noise(5)
    start = warm_start(noise(2), [since(before, still(uncovered=range(10)))], matched)
    np.testing.assert_allclose(start.image[:, :10], matched[:, :10], atol=1e-6)
    np.testing.assert_allclose(start.image[:, 10:], before.image[:, 10:], atol=1e-6)


def test_disoccluded_pixels_settle_frame_by_frame():
    trust, standards, before = [], [], next_state([], painted(noise(1)))
    motion = still(uncovered=range(10))
    for _ in range(SETTLE_FRAMES + 2):
        start = warm_start(noise(2), [since(before, motion)])
        trust.append(float(start.trust[0, 0]))
        standards.append(start.least_iterations == 0)
        before = next_state([since(before, motion)], painted(noise(3)))
        motion = still()
    assert trust == pytest.approx([*np.arange(SETTLE_FRAMES + 1) / SETTLE_FRAMES, 1.0])
    # The losses of the whole hardly show it before.
    assert standards == [False] * SETTLE_FRAMES + [True] * 2
    assert before.age is None


def moved(x_px, y_px=0.0):
    """All moved by so much since, and all of it is still there."""
    flow = np.broadcast_to(np.float32([x_px, y_px]), (*SHAPE, 2))
    return Motion(np.ascontiguousarray(flow), np.ones(SHAPE, np.float32), np.ones(SHAPE, np.float32))


@pytest.mark.parametrize(
    ("flow", "depth_px"),
    [
        ((0.3, 0.0), np.arange(30)[None, ::-1]),
        ((-0.3, 0.0), np.arange(30)[None]),
        ((0.0, 0.3), np.arange(20)[::-1, None]),
        ((0.0, -0.3), np.arange(20)[:, None]),
    ],
)
def test_slivers_of_a_slow_camera_settle_by_their_breadth(flow, depth_px):
    new = FrameState(noise(1), target_losses=(1.0, 2.0), age=np.zeros(SHAPE, np.float32))
    for _ in range(9):
        start = warm_start(noise(2), [since(new, moved(*flow))])
        new = next_state([since(new, moved(*flow))], painted(noise(3)))
    inner = np.s_[4:-4, 4:-4]
    settled = np.broadcast_to(depth_px >= BORDER_PX, SHAPE)
    assert (start.trust[inner][settled[inner]] == 1).all()
    assert (start.trust[~settled] < 1).all()
    assert start.least_iterations == NEW_ITERATIONS


def test_sliver_starts_from_the_source_until_a_stroke_fits_into_it():
    new, matched = (
        FrameState(noise(1), age=np.zeros(SHAPE, np.float32)),
        np.full((*SHAPE, 3), 0.5, np.float32),
    )
    start = warm_start(noise(2), [since(new, moved(0.3))], matched)
    share = np.minimum((np.arange(30)[::-1] + 0.5) / BORDER_PX, 1)[None, :, None]
    np.testing.assert_allclose(start.image, share * start.warped + (1 - share) * 0.5, atol=1e-6)
    # What a painting has had there before the camera moved stays.
    old = FrameState(noise(1))
    np.testing.assert_allclose(
        warm_start(noise(2), [since(old, moved(0.3))], matched).image, start.warped, atol=1e-6
    )


def test_settled_pixels_stay_so_when_the_camera_begins_to_move():
    start = warm_start(noise(2), [since(FrameState(noise(1)), moved(0.3))])
    assert start.trust.min() == 1


def test_noise_of_the_flow_uncovers_nothing():
    new = FrameState(noise(1), age=np.full(SHAPE, SETTLE_FRAMES - 1, np.float32))
    start = warm_start(noise(2), [since(new, moved(0.9 * ENTERS_PX, -0.9 * ENTERS_PX))])
    again = next_state([since(new, moved(0.9 * ENTERS_PX, -0.9 * ENTERS_PX))], painted(noise(3)))
    assert start.trust.min() == 1
    assert again.age is None


def test_first_frame_of_a_shot_sets_the_standard_of_the_others():
    first = next_state([], painted(noise(1), 3.0, 5.0))
    second = next_state([since(first)], painted(noise(2), 100.0, 100.0))
    assert (
        first.target_losses
        == second.target_losses
        == pytest.approx((QUALITY_TOLERANCES[0] * 1.5, QUALITY_TOLERANCES[1] * 2.5))
    )


def test_frame_is_rounded_as_it_is_stored():
    np.testing.assert_array_equal(next_state([], painted(noise(2))).image, quantize(noise(2)))
    np.testing.assert_array_equal(next_state([], Painted(noise(1))).image, quantize(noise(1)))


def test_occluded_pixels_come_back_as_they_were_painted():
    near, far = FrameState(noise(1)), FrameState(noise(4))
    origins = [since(near, still(uncovered=range(10))), since(far, still(uncovered=range(5)), 2)]
    start = warm_start(noise(2), origins)
    back, old, new = np.s_[:, 5:10], np.s_[:, 10:], np.s_[:, :5]
    for name in ("image", "warped"):
        np.testing.assert_allclose(getattr(start, name)[back], far.image[back], atol=1e-6)
        np.testing.assert_allclose(getattr(start, name)[old], near.image[old], atol=1e-6)
    assert start.trust[back].min() == 1
    assert start.trust[new].max() == 0


def test_further_frame_adds_only_the_trust_that_nearer_ones_lack():
    def half(share):
        motion = still()
        return Motion(motion.backward_flow, motion.trust * np.float32(share), motion.visible)

    near, far = FrameState(noise(1)), FrameState(noise(4))
    start = warm_start(noise(2), [since(near, half(0.75)), since(far, half(1), 4)])
    np.testing.assert_allclose(start.trust, 1)
    # m (x - w)^2 summed over both anchors has its least at their mean.
    np.testing.assert_allclose(start.warped, 0.75 * near.image + 0.25 * far.image, atol=1e-6)


@pytest.mark.parametrize("share", np.linspace(0.2, 0.35, 7))
def test_shares_of_several_frames_make_nothing_older_than_settled(share):
    kept = np.nextafter(np.full(SHAPE, share, np.float32), 1, dtype=np.float32)
    kept += np.arange(kept.size, dtype=np.float32).reshape(SHAPE) * np.float32(2**-24)
    kept[0] = 0
    both = np.ones(SHAPE, np.float32)
    both[0] = 0
    flow = np.zeros((*SHAPE, 2), np.float32)
    near, far = Motion(flow, kept, kept), Motion(flow, both, both)
    before = FrameState(noise(1))
    start = warm_start(noise(2), [since(before, near), since(before, far, 2)])
    assert start.trust.min() == 0
    assert start.trust.max() == 1


def test_earlier_pass_is_blended_with_the_previous_frame():
    own, before = FrameState(noise(1), 0.5, (1.0, 2.0)), FrameState(noise(4), 0.25, (7.0, 8.0))
    start = blend_with_previous_pass(own, [since(before, still(uncovered=range(10)))])
    old, new = np.s_[:, 10:], np.s_[:, :10]
    np.testing.assert_allclose(start.image[new], own.image[new], atol=1e-6)
    expected = PASS_BLEND * before.image + (1 - PASS_BLEND) * own.image
    np.testing.assert_allclose(start.image[old], expected[old], atol=1e-6)
    np.testing.assert_allclose(start.warped[old], before.image[old], atol=1e-6)
    assert start.trust[new].max() == 0
    assert (start.hessian_scale, start.target_losses) == (0.25, (1.0, 2.0))


def test_first_frame_of_a_further_pass_starts_from_its_own_painting():
    own = FrameState(noise(1), 0.5, (1.0, 2.0))
    start = blend_with_previous_pass(own, [])
    np.testing.assert_array_equal(start.image, own.image)
    assert start.trust is None
    again = next_state([], painted(noise(3)), own)
    assert again.target_losses == own.target_losses


def magnified():
    """All came nearer by a hundredth."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float32)
    flow = np.stack([(x - 15) * np.float32(-0.01), (y - 10) * np.float32(-0.01)], axis=-1)
    return Motion(flow, np.ones(SHAPE, np.float32), np.ones(SHAPE, np.float32))


def test_frame_that_is_softer_than_its_shots_first_regains_some_of_it():
    image = noise(1)
    sharper, alike, softer = (
        detail(
            warm_start(noise(2), [since(FrameState(image, detail=times * detail(image)), magnified())]).image
        )
        for times in (0.5, 1, 2)
    )
    assert sharper < alike < softer


def test_frame_further_back_is_carried_as_sharply():
    motion, nothing = magnified(), still(uncovered=range(30))
    before = FrameState(noise(1), detail=2 * detail(noise(1)))
    near = warm_start(noise(2), [since(before, motion)])
    far = warm_start(noise(2), [since(FrameState(noise(3)), nothing), since(before, motion, 2)])
    np.testing.assert_allclose(far.warped, near.warped, atol=1e-6)


def test_shot_is_as_sharp_as_its_first_frame_was():
    first = next_state([], painted(noise(1)))
    assert first.detail == pytest.approx(detail(noise(1)), rel=0.01)
    later = next_state([since(first)], painted(noise(3)))
    again = next_state([], painted(noise(4)), own=later)
    assert later.detail == again.detail == first.detail


def test_temporal_scale_is_passed_on():
    first = next_state([], painted(noise(1)))
    later = next_state([since(first)], painted(noise(3)), temporal_scale=0.6)
    assert (first.temporal_scale, later.temporal_scale) == (1, 0.6)
    assert warm_start(noise(4), [since(later)]).temporal_scale == 0.6
