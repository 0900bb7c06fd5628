import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from vidstyle.errors import PainterError
from vidstyle.events import Losses
from vidstyle.neural.result import LazyLosses

LOSSES = Losses(content=1.0, style=2.0, tv=3.0, temporal=4.0)


def test_losses_are_found_once_when_somebody_asks():
    asked = []
    told = LazyLosses(lambda: asked.append(1) or LOSSES)
    assert asked == []
    assert told() is told() is LOSSES
    assert asked == [1]


def test_what_they_were_found_by_is_let_go_of():
    class Picture:
        pass

    picture = Picture()
    there = weakref.ref(picture)
    told = LazyLosses(lambda picture=picture: picture and LOSSES)
    del picture
    assert there() is not None
    told()
    gc.collect()
    assert there() is None


def test_two_who_ask_at_once_are_told_the_same():
    begun, device_scope = Event(), Event()
    found = []

    def find():
        begun.set()
        device_scope.wait(10)
        found.append(1)
        return Losses(*LOSSES.__dict__.values())

    told = LazyLosses(find)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(told)
        begun.wait(10)
        second = pool.submit(told)
        device_scope.set()
        assert first.result() is second.result()
    assert found == [1]


def test_what_keeps_them_from_being_found_is_raised_to_whoever_asks():
    def find():
        raise PainterError("no number")

    told = LazyLosses(find)
    for _ in range(2):
        with pytest.raises(PainterError, match="no number"):
            told()
