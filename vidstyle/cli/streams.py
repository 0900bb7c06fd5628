"""Output streams that may be closed, or lose their reader, without ending the run."""

import contextlib
import os
from typing import IO


class Stream:
    """Text stream whose reader may leave (closed pipe, terminal hang-up): painting goes on without it.

    Parameters
    ----------
    stream
        The stream; None if its file descriptor was closed when Python started.
    """

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write as much as possible."""
        if self._stream is not None:
            try:
                self._stream.write(text)
            except OSError:
                self._abandon()
        return len(text)

    def flush(self) -> None:
        """Write the buffer."""
        if self._stream is not None:
            try:
                self._stream.flush()
            except OSError:
                self._abandon()

    def isatty(self) -> bool:
        """Check for a terminal that can draw progress bars."""
        return (
            self._stream is not None and self._stream.isatty() and os.environ.get("TERM") not in {"dumb", ""}
        )

    def fileno(self) -> int:
        """Get the descriptor, for the terminal's width."""
        if self._stream is None:
            raise OSError("closed")
        return self._stream.fileno()

    @property
    def encoding(self) -> str:
        """Encoding, which limits the characters of progress bars."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def line(self, text: str) -> None:
        """Write one whole line."""
        self.write(text + "\n")
        self.flush()

    def _abandon(self) -> None:
        # The rest of the buffer would raise again when the interpreter exits: redirect it to nothing.
        stream, self._stream = self._stream, None
        with contextlib.suppress(OSError, AttributeError, ValueError):
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, stream.fileno())  # type: ignore[union-attr]
            os.close(sink)
