"""Where words go: streams that may be closed, and that outlive their readers."""

import contextlib
import os
from typing import IO


class Stream:
    """A text stream whose reader may go away (a closed pipe, a terminal hung up): the painting goes on without it."""

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream = stream  # None where the file descriptor was closed when Python started.

    def write(self, text: str) -> int:
        """Write what can be written, at once."""
        if self._stream is not None:
            try:
                self._stream.write(text)
            except OSError:
                self._abandon()
        return len(text)

    def flush(self) -> None:
        """Hand over what is buffered."""
        if self._stream is not None:
            try:
                self._stream.flush()
            except OSError:
                self._abandon()

    def isatty(self) -> bool:
        """Whether somebody watches who can be shown a moving bar."""
        return (
            self._stream is not None and self._stream.isatty() and os.environ.get("TERM") not in {"dumb", ""}
        )

    def fileno(self) -> int:
        """Descriptor, for the terminal's width."""
        if self._stream is None:
            raise OSError("closed")
        return self._stream.fileno()

    @property
    def encoding(self) -> str:
        """Encoding, for the characters that a bar may use."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def line(self, text: str) -> None:
        """Write one whole line."""
        self.write(text + "\n")
        self.flush()

    def _abandon(self) -> None:
        # What is still buffered would fail once more, loudly, when the interpreter closes: give it a sink.
        stream, self._stream = self._stream, None
        with contextlib.suppress(OSError, AttributeError, ValueError):
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, stream.fileno())  # type: ignore[union-attr]
            os.close(sink)
