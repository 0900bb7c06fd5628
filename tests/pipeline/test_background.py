import threading
import time

import pytest

from vidstyle.pipeline.background import BackgroundWriter, Prefetcher

pytestmark = pytest.mark.usefixtures("promptly")


class Wrong(Exception):  # noqa: N818
    pass


def failing_after(count):
    yield from range(count)
    raise Wrong


def test_items_come_in_order_and_end():
    with Prefetcher(range(100), 3, "t") as items:
        assert list(items) == list(range(100))
        assert list(items) == []


def test_empty_iterable_gives_no_items():
    with Prefetcher([], 3, "t") as items:
        assert list(items) == []


def test_items_are_made_in_one_other_thread():
    with Prefetcher((threading.current_thread() for _ in range(3)), 2, "t") as items:
        threads = set(items)
    assert len(threads) == 1
    assert threads != {threading.current_thread()}


def test_thread_runs_ahead_by_its_depth_and_no_further():
    made = []

    def noted():
        for number in range(100):
            made.append(number)
            yield number

    with Prefetcher(noted(), 4, "t") as items:
        for taken in range(1, 6):
            next(items)
            while len(made) < taken + 4:
                time.sleep(0.001)
            time.sleep(0.005)
            assert len(made) == taken + 4


def test_error_is_raised_in_place_of_its_item():
    with Prefetcher(failing_after(2), 5, "t") as items:
        assert [next(items), next(items)] == [0, 1]
        with pytest.raises(Wrong):
            next(items)
        assert list(items) == []


def test_leaving_early_stops_the_thread():
    closed = []

    def endless():
        number = 0
        while True:
            closed.append(number)
            yield number
            number += 1

    with Prefetcher(endless(), 2, "left-early") as items:
        next(items)
    assert len(closed) <= 4
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("left-early")]


def test_leaving_a_chain_early_stops_every_thread():
    with Prefetcher(iter(int, 1), 2, "chain") as first, Prefetcher((x for x in first), 2, "chain") as second:
        next(second)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("chain")]


def test_error_passes_through_a_chain():
    with Prefetcher(failing_after(1), 2, "t") as first, Prefetcher((x for x in first), 2, "t") as second:
        assert next(second) == 0
        with pytest.raises(Wrong):
            next(second)


def test_time_is_counted_from_the_first_item_on():
    for _ in range(50):  # The thread begins while the object is being made.
        with Prefetcher(range(1), 1, "t") as items:
            assert list(items) == [0]
            assert items.busy_s > 0


def test_calls_return_their_results_in_order():
    with BackgroundWriter(lambda x: x * x, 2, "t") as calls:
        results = [result for x in range(10) for result in calls.submit(x)]
        assert results + calls.drain() == [x * x for x in range(10)]
        assert calls.drain() == []


def test_pending_calls_are_limited_by_depth():
    gate = threading.Semaphore(0)

    def wait(number):
        gate.acquire()
        return number

    with BackgroundWriter(wait, 2, "t") as calls:
        assert calls.submit(0) == calls.submit(1) == calls.ready() == []
        threading.Timer(0.02, gate.release).start()
        assert calls.submit(2) == [0]
        gate.release(2)
        assert calls.drain() == [1, 2]


def test_ready_results_are_returned_without_waiting():
    began, gate = threading.Event(), threading.Event()

    def second_waits(number):
        if number:
            began.set()
            gate.wait()
        return number

    with BackgroundWriter(second_waits, 5, "t") as calls:
        results = calls.submit(0) + calls.submit(1)
        began.wait()
        assert results + calls.ready() == [0]
        gate.set()
        assert calls.drain() == [1]


def test_error_of_call_is_raised_by_next_method():
    def fail():
        raise Wrong

    def ask():
        with BackgroundWriter(fail, 3, "t") as calls:
            calls.submit()
            calls.drain()

    with pytest.raises(Wrong):
        ask()


def test_calls_that_have_not_started_are_dropped_after_an_error():
    began, gate, done = threading.Event(), threading.Event(), []

    def note(number):
        began.set()
        gate.wait()
        done.append(number)

    def leave():
        with BackgroundWriter(note, 5, "t") as calls:
            for number in range(4):
                calls.submit(number)
            began.wait()
            threading.Timer(0.02, gate.set).start()
            raise Wrong

    with pytest.raises(Wrong):
        leave()
    assert done == [0]


def test_leaving_without_error_completes_every_call():
    done = []
    with BackgroundWriter(done.append, 5, "t") as calls:
        for number in range(4):
            calls.submit(number)
    assert done == [0, 1, 2, 3]
