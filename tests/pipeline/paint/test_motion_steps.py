import numpy as np

from vidstyle.pipeline.flow_source import ComputedFlow
from vidstyle.pipeline.paint.motion_steps import with_motion
from vidstyle.pipeline.paint.passes import Pass

IMAGES = [np.random.default_rng(seed // 2).random((24, 32, 3), np.float32) for seed in range(6)]


def walked(now, distances=(1,), skipped=(), *, measured=True):
    frames = [(index, IMAGES[index]) for index in now.indices]
    return list(with_motion(frames, ComputedFlow(), distances, now, skipped=skipped, measured=measured))


def test_first_frame_of_a_pass_has_no_motion():
    for now in (Pass(1, 1, 5), Pass(2, 1, 5)):
        first, *others = walked(now)
        assert first.motions == {}
        assert first.source_error is None
        assert all(list(step.motions) == [1] for step in others)


def test_frame_that_equals_the_one_painted_before_it_is_still():
    assert [step.is_duplicate for step in walked(Pass(1, 0, 6))] == [False, True, False, True, False, True]
    assert [step.is_duplicate for step in walked(Pass(2, 0, 6))] == [False, True, False, True, False, True]


def test_frames_further_back_count_from_the_frame_itself():
    found = [sorted(step.motions) for step in walked(Pass(1, 0, 6), (1, 2, 4))]
    assert found == [[], [1], [1, 2], [1, 2], [1, 2, 4], [1, 2, 4]]


def test_painted_frame_needs_no_motion():
    assert [bool(step.motions) for step in walked(Pass(1, 0, 6), skipped={1, 2, 4})] == [
        False,
        False,
        False,
        True,
        False,
        True,
    ]


def test_backward_too_frames_are_compared_in_the_order_in_which_they_are_shown():
    forward = {step.index: step for step in walked(Pass(1, 0, 6))}
    backward = {step.index: step for step in walked(Pass(2, 0, 6))}
    for index in range(1, 6):
        np.testing.assert_array_equal(
            backward[index - 1].motion_in_time.backward_flow, forward[index].motion_in_time.backward_flow
        )
        assert backward[index - 1].source_error == forward[index].source_error


def test_pass_that_others_follow_is_not_measured():
    assert all(step.source_error is None for step in walked(Pass(1, 0, 6), measured=False))
