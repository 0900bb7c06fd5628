from contextlib import contextmanager
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from vidstyle.media.frame_png import write_frame
from vidstyle.pipeline.paint.frame_state import FrameState, packed
from vidstyle.pipeline.paint.recurring_shots import SHOTS, find_recurring_frame

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
            return SimpleNamespace(state=packed(FrameState(images[index], 0.5)))

        return (
            source,
            SimpleNamespace(get=get, frame=lambda index: tmp_path / f"{index}.png"),
            opened,
        )

    return made


def shade(origin):
    return round(float(origin.painted.image.mean()) * 255)


def test_the_shot_that_ended_with_most_of_the_same_is_found(film):
    source, store, _ = film(place(1, 12), place(2), place(1, 3), place(3))
    origin = find_recurring_frame(source, store, [0, 1, 2, 3], place(1))
    assert shade(origin) == 2
    assert origin.distance == 1
    inner = origin.motion.backward_flow[8:-8, 8:-8]
    np.testing.assert_allclose(np.median(inner, axis=(0, 1)), (-3, 0), atol=0.3)


def test_another_place_is_none(film):
    source, store, _ = film(place(1), 1 - place(1), np.zeros((48, 64, 3), np.float32))
    assert find_recurring_frame(source, store, [0, 1, 2], place(5)) is None
    assert find_recurring_frame(source, store, [], place(1)) is None


def test_what_is_not_painted_is_not_looked_at(film):
    source, store, opened = film(place(1), place(1), painted={1})
    assert shade(find_recurring_frame(source, store, [0, 1], place(1))) == 1
    assert opened == [1]


def test_only_some_shots_are_looked_back_at(film):
    source, store, opened = film(place(1), *(place(n) for n in range(2, 3 + SHOTS)))
    assert find_recurring_frame(source, store, range(SHOTS + 2), place(1)) is None
    assert sorted(opened) == list(range(2, SHOTS + 2))
