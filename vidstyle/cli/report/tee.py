"""Composition of observers: one observer that passes each event to several."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from vidstyle.events import Event, Observer


class Tee:
    """Observer that passes each event to several observers, in order, and closes those that can be closed."""

    def __init__(self, *observers: Observer) -> None:
        self.observers = observers

    def __call__(self, event: Event) -> None:
        """Pass an event to all observers."""
        for observer in self.observers:
            observer(event)

    def close(self) -> None:
        """Close all observers, also where closing one of them fails."""
        with ExitStack() as stack:
            for observer in reversed(self.observers):
                stack.callback(getattr(observer, "close", _do_nothing))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def tee(*observers: Observer) -> Tee:
    """Combine observers into one.

    >>> from vidstyle.events import Notice
    >>> seen: list[str] = []
    >>> both = tee(lambda event: seen.append(f"job {event.job}"), lambda event: seen.append("twice"))
    >>> both(Notice(0, "Hello."))
    >>> seen
    ['job 0', 'twice']
    """
    return Tee(*observers)


def _do_nothing() -> None:
    pass
