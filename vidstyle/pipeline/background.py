"""Work beside the painter: threads with bounded queues, whose errors come out where their results do."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")
_END = object()


class Prefetcher(Iterator[T], Generic[T]):
    """Iterates in a thread of its own, at most `depth` items ahead of whoever takes them.

    An error of the iterator is raised where its item would have been taken. Leaving the context stops the thread after
    the item at hand.
    """

    def __init__(self, items: Iterable[T], depth: int, name: str) -> None:
        self._items = iter(items)
        self.busy_s = 0.0
        """Time that the thread spent making items."""
        self.waited_s = 0.0
        """Time that the taker waited for them."""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        # Last, for the thread begins at once.
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
    """Calls a function in a thread of its own, in order, at most `depth` calls behind whoever asks for them.

    An error of a call is raised by whichever method would have given its result. Leaving the context without an error finishes every call; with
    one, those not begun are dropped.
    """

    def __init__(self, function: Callable[..., T], depth: int, name: str) -> None:
        self._function = function
        self._depth = depth
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._futures: deque[Future[T]] = deque()
        self.busy_s = 0.0
        self.waited_s = 0.0

    def submit(self, *arguments: object) -> list[T]:
        """Ask for a call, waiting while too many are open; gives the results that have come in."""
        self._futures.append(self._pool.submit(self._call, *arguments))
        return self._collect(self._depth)

    def ready(self) -> list[T]:
        """Give the results that have come in, without waiting."""
        return self._collect(self._depth)

    def drain(self) -> list[T]:
        """Wait for every call; gives the results that have come in since."""
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
