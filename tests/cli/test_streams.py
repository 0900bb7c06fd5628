import io
import os
import sys

import pytest

from vidstyle.cli.streams import Stream


def test_a_line_arrives_at_once():
    text = io.StringIO()
    Stream(text).line("done")
    assert text.getvalue() == "done\n"


def test_a_reader_who_left_is_not_missed():
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as pipe:  # noqa: PTH123 - a descriptor has no path.
        stream = Stream(pipe)
        stream.line("nobody hears this")
        stream.line("nor this")
        # Closing flushes what is left in the buffer: that must be silent too.


def test_a_stream_closed_from_the_start_swallows_everything():
    stream = Stream(None)
    stream.line("nothing")
    stream.flush()
    assert not stream.isatty()
    assert stream.encoding == "utf-8"
    with pytest.raises(OSError, match="closed"):
        stream.fileno()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are a thing of POSIX")
@pytest.mark.parametrize(("term", "watched"), [("xterm", True), ("dumb", False), ("", False)])
def test_only_a_terminal_that_moves_its_cursor_is_shown_a_bar(monkeypatch, term, watched):
    monkeypatch.setenv("TERM", term)
    ours, theirs = os.openpty()
    with open(theirs, "w") as terminal:  # noqa: PTH123 - a descriptor has no path.
        assert Stream(terminal).isatty() is watched
    os.close(ours)


def test_a_file_is_no_terminal(tmp_path):
    with (tmp_path / "log").open("w") as log:
        assert not Stream(log).isatty()
