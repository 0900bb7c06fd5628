from contextlib import contextmanager
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from vidstyle.errors import WorkdirError
from vidstyle.media.frame_png import write_frame
from vidstyle.pipeline.paint.frame_state import FrameState, to_json
from vidstyle.pipeline.paint.recurring_shots import MAX_SHOTS, find_recurring_frame, recurring_reference

draw = np.random.default_rng(8)


def place(seed, shift=0):
    """A texture, and the same moved to the left."""
    rough = np.random.default_rng(seed).random((48, 90, 3), np.float32)
    texture = np.clip(cv2.GaussianBlur(rough, (0, 0), 2) * 3 - 1, 0, 1)
    return np.ascontiguousarray(texture[:, shift : shift + 64])


@pytest.fixture
def film(tmp_path):
    """A source of some frames, and a store in which each is painted in a shade of its own."""

    def made(*images, painted=None):
        opened = []

        @contextmanager
        def source(index):
            opened.append(index)
            yield iter(images[index:])

        def get(index):
            if painted is not None and index not in painted:
                return None
            write_frame(
                tmp_path / f"{index}.png", np.full((48, 64, 3), index / 255, np.float32), durable=False
            )
            return SimpleNamespace(state=to_json(FrameState(images[index], 0.5)))

        return (
            source,
            SimpleNamespace(path=tmp_path, get=get, frame=lambda index: tmp_path / f"{index}.png"),
            opened,
        )

    return made


def shade(reference):
    return round(float(reference.painted.image.mean()) * 255)


def test_shot_that_ended_with_most_of_the_same_place_is_found(film):
    source, store, _ = film(place(1, 12), place(2), place(1, 3), place(3), place(1))
    assert find_recurring_frame(source, [0, 1, 2, 3], 4) == 2
    reference = recurring_reference(source, store, 2, place(1))
    assert shade(reference) == 2
    assert reference.distance == 1
    inner = reference.motion.backward_flow[8:-8, 8:-8]
    np.testing.assert_allclose(np.median(inner, axis=(0, 1)), (-3, 0), atol=0.3)


def test_another_place_does_not_recur(film):
    source, _, opened = film(place(1), 1 - place(1), np.zeros((48, 64, 3), np.float32), place(5))
    assert find_recurring_frame(source, [0, 1, 2], 3) is None
    opened.clear()
    assert find_recurring_frame(source, [], 3) is None
    assert opened == []


def test_frame_that_is_not_painted_is_named(film):
    source, store, _ = film(place(1), place(1), painted={1})
    assert shade(recurring_reference(source, store, 1, place(1))) == 1
    with pytest.raises(WorkdirError, match="depends on frame 0"):
        recurring_reference(source, store, 0, place(1))


def test_only_the_latest_shots_are_compared(film):
    source, _, opened = film(place(1), *(place(n) for n in range(2, 3 + MAX_SHOTS)), place(1))
    assert find_recurring_frame(source, range(MAX_SHOTS + 2), MAX_SHOTS + 2) is None
    assert sorted(opened) == list(range(2, MAX_SHOTS + 3))
