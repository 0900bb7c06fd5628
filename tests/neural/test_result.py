import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from vidstyle.errors import PainterError
from vidstyle.events import Losses
from vidstyle.neural.result import LazyLosses

LOSSES = Losses(content=1.0, style=2.0, tv=3.0, temporal=4.0)


def test_losses_are_computed_once_at_the_first_call():
    asked = []
    lazy = LazyLosses(lambda: asked.append(1) or LOSSES)
    assert asked == []
    assert lazy() is lazy() is LOSSES
    assert asked == [1]


def test_inputs_of_the_computation_are_released_after_it():
    class Picture:
        pass

    picture = Picture()
    there = weakref.ref(picture)
    lazy = LazyLosses(lambda picture=picture: picture and LOSSES)
    del picture
    assert there() is not None
    lazy()
    gc.collect()
    assert there() is None


def test_two_calls_at_once_compute_once():
    started, release = Event(), Event()
    found = []

    def find():
        started.set()
        release.wait(10)
        found.append(1)
        return Losses(**LOSSES)

    lazy = LazyLosses(find)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lazy)
        started.wait(10)
        second = pool.submit(lazy)
        release.set()
        assert first.result() is second.result()
    assert found == [1]


def test_error_of_the_computation_is_raised_at_each_call():
    def find():
        raise PainterError("no number")

    lazy = LazyLosses(find)
    for _ in range(2):
        with pytest.raises(PainterError, match="no number"):
            lazy()
