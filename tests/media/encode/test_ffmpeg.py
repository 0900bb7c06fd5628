import os
import signal
import time
from pathlib import Path

import pytest

from vidstyle.errors import EncodeError, Interrupted
from vidstyle.media.encode import ffmpeg
from vidstyle.media.encode.ffmpeg import binary, encoders, run

ENDLESS = ["-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Write a stand-in for ffmpeg that records its process and runs a script."""

    def make(body):
        path = tmp_path / "ffmpeg"
        path.write_text(f"#!/bin/sh\necho $$ > '{tmp_path}/pid'\n{body}\n")
        path.chmod(0o755)
        monkeypatch.setenv("VIDSTYLE_FFMPEG", str(path))
        return tmp_path / "pid"

    return make


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return (
        Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        if Path("/proc").exists()
        else True
    )


def test_named_binary_wins(program, tmp_path):
    program("exit 0")
    assert binary() == tmp_path / "ffmpeg"


def test_bundled_binary_encodes_h264(monkeypatch):
    monkeypatch.delenv("VIDSTYLE_FFMPEG", raising=False)
    assert {"libx264", "aac"} <= encoders(binary())


@pytest.mark.parametrize("kind", ["missing", "folder", "plain"])
def test_binary_that_cannot_run_is_named(kind, tmp_path, monkeypatch):
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    if kind == "plain":
        path.write_text("no program")
    monkeypatch.setenv("VIDSTYLE_FFMPEG", str(path))
    with pytest.raises(EncodeError, match="VIDSTYLE_FFMPEG"):
        run(["-version"], what="try")


def test_last_lines_of_the_log_are_quoted_without_addresses(tmp_path):
    with pytest.raises(EncodeError, match=r"failed to read it: .*No such file or directory") as caught:
        run(["-i", tmp_path / "missing.mp4", "-f", "null", "-"], what="read it")
    assert "0x" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_long_log_does_not_block(program):
    program("yes 'a long line of complaint' | head -100000 >&2; echo the end >&2; exit 3")
    with pytest.raises(EncodeError, match="the end"):
        run([], what="finish")


def test_kill_from_outside_is_an_error(program):
    program("kill -9 $$")
    with pytest.raises(EncodeError, match="SIGKILL"):
        run([], what="finish")


@pytest.mark.parametrize("error", [Interrupted, KeyboardInterrupt])
def test_interruption_ends_the_whole_process_group(program, error):
    pid = program('sleep 60 & echo $! > "$(dirname $0)/child"; wait')
    child = pid.with_name("child")

    def stop():
        started = child.exists() and child.read_text().endswith("\n")
        if started and error is KeyboardInterrupt:
            raise KeyboardInterrupt
        return started

    with pytest.raises(error):
        run([], what="finish", should_stop=stop)
    deadline = time.monotonic() + 5
    while is_alive(int(child.read_text())) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(int(pid.read_text()))
    assert not is_alive(int(child.read_text()))


def test_ffmpeg_has_its_own_session(program):
    pid = program(
        'cd "$(dirname $0)"\n'
        "ps -o sid= -p $$ > session 2>/dev/null || cut -d' ' -f6 /proc/$$/stat > session"
    )
    run([], what="finish")
    assert int(pid.with_name("session").read_text()) == int(pid.read_text())


def test_standard_input_is_closed(program):
    program("read line && exit 1; exit 0")
    run([], what="finish")


def test_signals_have_names():
    assert ffmpeg._messages(None, -signal.SIGTERM) == ["it was killed (SIGTERM)"]
