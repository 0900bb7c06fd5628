import io
import os
import sys

import pytest

from vidstyle.cli.streams import Stream


def test_line_is_written_at_once():
    text = io.StringIO()
    Stream(text).line("done")
    assert text.getvalue() == "done\n"


def test_reader_that_left_raises_nothing():
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as pipe:  # noqa: PTH123 - a descriptor has no path.
        stream = Stream(pipe)
        stream.line("one")
        stream.line("two")
        # Closing flushes the rest of the buffer, which must raise nothing either.


def test_stream_that_was_closed_from_the_start_ignores_lines():
    stream = Stream(None)
    stream.line("nothing")
    stream.flush()
    assert not stream.isatty()
    assert stream.encoding == "utf-8"
    with pytest.raises(OSError, match="closed"):
        stream.fileno()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are part of POSIX")
@pytest.mark.parametrize(("term", "has_bars"), [("xterm", True), ("dumb", False), ("", False)])
def test_only_terminal_with_a_movable_cursor_has_bars(monkeypatch, term, has_bars):
    monkeypatch.setenv("TERM", term)
    ours, theirs = os.openpty()
    with open(theirs, "w") as terminal:  # noqa: PTH123 - a descriptor has no path.
        assert Stream(terminal).isatty() is has_bars
    os.close(ours)


def test_file_is_not_a_terminal(tmp_path):
    with (tmp_path / "log").open("w") as log:
        assert not Stream(log).isatty()
