import numpy as np
import pytest

from vidstyle.events import Losses
from vidstyle.motion.flow import Motion
from vidstyle.neural.result import Painted
from vidstyle.pipeline.paint.frame_state import FrameState
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion
from vidstyle.pipeline.paint.temporal_weight import AS_STILL, GIVES, LEAST, firmness_after

SHAPE = (20, 30)
SOURCE = np.zeros((*SHAPE, 3), np.float32)
STANDARD = 3.0, 5.0
FLOOR = 1e-4


def step(floor=FLOOR, measured=True):
    all_of_it = np.ones(SHAPE, np.float32)
    motion = Motion(np.zeros((*SHAPE, 2), np.float32), all_of_it, all_of_it) if measured else None
    return FrameWithMotion(1, SOURCE, {1: motion} if motion else {}, measured=motion, floor=floor)


def before(firmness=1.0, standard=STANDARD):
    return FrameState(SOURCE, standard=standard, firmness=firmness)


def painted(style, error):
    """Painted to a style loss, so far from the frame before as has a warping error of so many times the film's."""
    image = SOURCE + np.float32((error * FLOOR) ** 0.5)
    return Painted(image, lambda: Losses(content=0, style=0, tv=0, temporal=0), 9, 0, 0.1, 0.5, (1.0, style))


def test_it_gives_way_while_the_painting_is_poorer_than_its_first_frame_and_stiller_than_the_film():
    poor_and_still = painted(STANDARD[1] * 1.01, 0.9 * AS_STILL)
    assert firmness_after(step(), poor_and_still, before()) == pytest.approx(GIVES)
    assert firmness_after(step(), poor_and_still, before(GIVES)) == pytest.approx(GIVES**2)


def test_it_gives_way_so_far_and_no_further():
    firmness = 1.0
    for _ in range(20):
        firmness = firmness_after(step(), painted(2 * STANDARD[1], 0.5), before(firmness))
    assert firmness == LEAST


@pytest.mark.parametrize(
    ("style", "error"),
    [
        pytest.param(STANDARD[1], 0.5, id="rich enough"),
        pytest.param(2 * STANDARD[1], 1.1 * AS_STILL, id="not still enough"),
    ],
)
def test_else_it_comes_back_to_what_was_asked_for(style, error):
    now = painted(style, error)
    assert firmness_after(step(), now, before(0.2)) == pytest.approx(0.2 / GIVES)
    assert firmness_after(step(), now, before(0.9)) == 1


def test_what_cannot_be_compared_leaves_it_as_it_is():
    poor = painted(2 * STANDARD[1], 0.5)
    for unknown in (
        firmness_after(step(measured=False), poor, before(0.4)),
        firmness_after(step(), poor, before(0.4, standard=None)),
        firmness_after(step(), None, before(0.4)),
    ):
        assert unknown == 0.4


def test_a_film_without_a_figure_of_its_own_is_held_as_asked_for():
    assert firmness_after(step(floor=None), painted(2 * STANDARD[1], 0.5), before(0.9)) == 1


def test_who_asks_for_a_stiller_film_gets_it():
    now = painted(2 * STANDARD[1], 0.75 * AS_STILL)
    assert firmness_after(step(), now, before(), 0.5) == GIVES
    assert firmness_after(step(), now, before(), 1.0) == GIVES
    assert firmness_after(step(), now, before(), 4.0) == 1
    # Not held at all, it is by nothing that it gives way.
    assert firmness_after(step(), now, before(), 0.0) == 1
