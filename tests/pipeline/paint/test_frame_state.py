import json

import numpy as np
import pytest

from vidstyle.events import Losses
from vidstyle.pipeline.paint.frame_state import SETTLE_FRAMES, FrameState, from_json, to_json

SHAPE = (20, 30)
IMAGE = np.random.default_rng(1).random((*SHAPE, 3), np.float32)


def kept(frame):
    return from_json(frame.image, json.loads(json.dumps(to_json(frame))))


@pytest.mark.parametrize("columns", [0, 10, 30])
def test_frame_state_comes_back_from_json_to_the_last_bit(columns):
    age = np.full(SHAPE, SETTLE_FRAMES, np.float32)
    age[:, :columns] = 1
    losses = Losses(content=1 / 3, style=2 / 3, tv=1e-7, temporal=0.0)
    frame = FrameState(IMAGE, float(np.float32(0.1)), (1 / 3, 2 / 3), age, 0.6**3, 1 / 7, lambda: losses)
    again = kept(frame)
    assert (again.hessian_scale, again.target_losses) == (frame.hessian_scale, frame.target_losses)
    assert (again.temporal_scale, again.detail) == (frame.temporal_scale, frame.detail)
    assert again.losses == losses
    np.testing.assert_equal(again.age, age)


def test_copied_frame_passes_on_its_image_alone():
    again = kept(FrameState(IMAGE))
    assert again.image is IMAGE
    assert (again.hessian_scale, again.target_losses, again.age, again.losses) == (0.0, None, None, None)
    assert (again.temporal_scale, again.detail) == (1.0, 0.0)
