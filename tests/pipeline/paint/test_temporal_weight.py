import numpy as np
import pytest

from vidstyle.events import Losses
from vidstyle.motion.flow import Motion
from vidstyle.neural.result import Painted
from vidstyle.pipeline.paint.frame_state import FrameState
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion
from vidstyle.pipeline.paint.temporal_weight import (
    DECAY,
    MAX_ERROR_RATIO,
    MAX_EXCESS,
    MIN_SCALE,
    adapt_temporal_weight,
)

SHAPE = (20, 30)
SOURCE = np.zeros((*SHAPE, 3), np.float32)
STANDARD = 3.0, 5.0
FLOOR = 1e-4


def step(floor=FLOOR, measured=True):
    all_of_it = np.ones(SHAPE, np.float32)
    motion = Motion(np.zeros((*SHAPE, 2), np.float32), all_of_it, all_of_it) if measured else None
    return FrameWithMotion(
        1, SOURCE, {1: motion} if motion else {}, motion_in_time=motion, source_error=floor
    )


def before(firmness=1.0, standard=STANDARD):
    return FrameState(SOURCE, target_losses=standard, temporal_scale=firmness)


def painted(style, error):
    """Make a painting with a style loss, and with a warping error of `error` times the film's."""
    image = SOURCE + np.float32((error * FLOOR) ** 0.5)
    return Painted(image, lambda: Losses(content=0, style=0, tv=0, temporal=0), 9, 0, 0.1, 0.5, (1.0, style))


def test_it_gives_way_while_the_painting_is_poorer_than_its_first_frame_and_stiller_than_the_film():
    poor_and_still = painted(STANDARD[1] * MAX_EXCESS * 1.01, 0.9 * MAX_ERROR_RATIO)
    assert adapt_temporal_weight(step(), poor_and_still, before()) == pytest.approx(DECAY)
    assert adapt_temporal_weight(step(), poor_and_still, before(DECAY)) == pytest.approx(DECAY**2)


def test_it_gives_way_so_far_and_no_further():
    firmness = 1.0
    for _ in range(20):
        firmness = adapt_temporal_weight(step(), painted(2 * STANDARD[1], 0.5), before(firmness))
    assert firmness == MIN_SCALE


@pytest.mark.parametrize(
    ("style", "error"),
    [
        pytest.param(STANDARD[1], 0.5, id="rich enough"),
        pytest.param(2 * STANDARD[1], 1.1 * MAX_ERROR_RATIO, id="not still enough"),
    ],
)
def test_else_it_comes_back_to_what_was_asked_for(style, error):
    now = painted(style, error)
    assert adapt_temporal_weight(step(), now, before(0.2)) == pytest.approx(0.2 / DECAY)
    assert adapt_temporal_weight(step(), now, before(0.9)) == 1


def test_frame_without_losses_leaves_the_weight():
    poor = painted(2 * STANDARD[1], 0.5)
    for unknown in (
        adapt_temporal_weight(step(measured=False), poor, before(0.4)),
        adapt_temporal_weight(step(), poor, before(0.4, standard=None)),
    ):
        assert unknown == 0.4


def test_film_without_a_figure_of_its_own_is_held_as_asked_for():
    assert adapt_temporal_weight(step(floor=None), painted(2 * STANDARD[1], 0.5), before(0.9)) == 1


def test_larger_weight_gives_a_stiller_film():
    now = painted(2 * STANDARD[1], 0.75 * MAX_ERROR_RATIO)
    assert adapt_temporal_weight(step(), now, before(), 0.5) == DECAY
    assert adapt_temporal_weight(step(), now, before(), 1.0) == DECAY
    assert adapt_temporal_weight(step(), now, before(), 4.0) == 1
    # Not held at all, it is by nothing that it gives way.
    assert adapt_temporal_weight(step(), now, before(), 0.0) == 1
