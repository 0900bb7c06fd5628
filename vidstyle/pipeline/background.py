"""Background threads with bounded queues: work ahead of the painter, and work behind it.

An error in a thread is raised to the caller in place of the result.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")
_END = object()


class Prefetcher(Iterator[T], Generic[T]):
    """Iterator over items made in a background thread, at most `depth` ahead.

    An error of the iterable is raised where its item would have been returned. Leaving the context stops the
    thread after the item in progress.

    Parameters
    ----------
    items
        Items to make.
    depth
        Number of items made ahead.
    name
        Name of the thread.

    """

    def __init__(self, items: Iterable[T], depth: int, name: str) -> None:
        self._items = iter(items)
        self.busy_s = 0.0
        """Seconds that the thread has spent making items."""
        self.waited_s = 0.0
        """Seconds that the caller has waited for items."""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        # Last, because the thread starts at once.
        self._futures: deque[Future[object]] = deque(self._pool.submit(self._produce) for _ in range(depth))

    def _produce(self) -> object:
        began = time.perf_counter()
        try:
            return next(self._items, _END)
        finally:
            self.busy_s += time.perf_counter() - began

    def __next__(self) -> T:
        began = time.perf_counter()
        item = self._futures.popleft().result() if self._futures else _END
        self.waited_s += time.perf_counter() - began
        if item is _END:
            raise StopIteration
        self._futures.append(self._pool.submit(self._produce))
        return item  # type: ignore[return-value]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


class BackgroundWriter(Generic[T]):
    """Calls of a function in a background thread, in order, with at most `depth` pending.

    An error of a call is raised by the method that would have returned its result. Leaving the context
    without an error completes every call; with one, calls that have not started are dropped.

    Parameters
    ----------
    function
        Function to call.
    depth
        Number of calls that may be pending.
    name
        Name of the thread.

    """

    def __init__(self, function: Callable[..., T], depth: int, name: str) -> None:
        self._function = function
        self._depth = depth
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._futures: deque[Future[T]] = deque()
        self.busy_s = 0.0
        """Seconds that the thread has spent in calls."""
        self.waited_s = 0.0
        """Seconds that the caller has waited for calls."""

    def submit(self, *arguments: object) -> list[T]:
        """Add a call, waiting while too many are pending; return the results that have become ready."""
        self._futures.append(self._pool.submit(self._call, *arguments))
        return self._collect(self._depth)

    def ready(self) -> list[T]:
        """Return the results that have become ready, without waiting."""
        return self._collect(self._depth)

    def drain(self) -> list[T]:
        """Wait for every call, and return the remaining results."""
        return self._collect(0)

    def _call(self, *arguments: object) -> T:
        began = time.perf_counter()
        try:
            return self._function(*arguments)
        finally:
            self.busy_s += time.perf_counter() - began

    def _collect(self, allowed: int) -> list[T]:
        began = time.perf_counter()
        results = []
        while self._futures and (len(self._futures) > allowed or self._futures[0].done()):
            results.append(self._futures.popleft().result())
        self.waited_s += time.perf_counter() - began
        return results

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=kind is not None)
