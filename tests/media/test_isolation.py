import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support import crashes
from support.clips import ROOT

from vidstyle.errors import DecodeError, Interrupted, ProbeError
from vidstyle.media import isolation
from vidstyle.media.isolation import call_isolated, start


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def wait_for_end(pid):
    until = time.monotonic() + 20
    while is_running(pid):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_one_child_makes_all_calls(tmp_path):
    (first, *_), (second, *_) = (crashes.process_of(tmp_path) for _ in range(2))
    assert first == second != os.getpid()


def test_calls_are_made_in_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "here").touch()
    monkeypatch.chdir(tmp_path)
    _, folder, exists = crashes.process_of(Path("here"))
    assert (folder, exists) == (tmp_path, True)


def test_crash_is_an_error_of_the_file_and_the_next_call_works(tmp_path):
    path = tmp_path / "bad.mp4"
    with pytest.raises(ProbeError) as caught:
        crashes.crash(path)
    assert str(caught.value) == (
        f"'{path}' crashes the library that reads it (SIGABRT); convert it to another format first."
    )
    assert crashes.process_of(tmp_path)[0] != os.getpid()


def test_crash_due_to_an_earlier_file_is_not_blamed_on_the_next(tmp_path):
    assert crashes.crash_first(tmp_path / "marker") == "fine"


def test_child_that_has_ended_is_replaced(tmp_path):
    before, *_ = crashes.process_of(tmp_path)
    os.kill(before, signal.SIGKILL)
    wait_for_end(before)
    assert crashes.process_of(tmp_path)[0] not in {before, os.getpid()}


def test_error_is_raised_with_the_traceback_of_the_child():
    with pytest.raises(DecodeError, match=r"a\.mp4 is damaged; repair it\.") as caught:
        crashes.fail(Path("a.mp4"))
    assert "in fail\n" in str(caught.value.__cause__)


def test_error_that_cannot_be_restored_keeps_its_words(tmp_path):
    with pytest.raises(RuntimeError, match=r"^OddError: one and two$"):
        crashes.fail_oddly(tmp_path)


def test_child_makes_nested_calls_itself(tmp_path):
    assert crashes.nested(tmp_path)


def test_request_to_stop_ends_the_call(tmp_path):
    pid, *_ = crashes.process_of(tmp_path)
    wishes = iter([False, True])
    with pytest.raises(Interrupted):
        call_isolated(crashes.process_of, tmp_path, sleep_s=60, should_stop=lambda: next(wishes))
    wait_for_end(pid)


def test_several_threads_share_the_child(tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(crashes.process_of(tmp_path, sleep_s=0.01)[0]))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5
    assert len(set(found)) == 1


@pytest.mark.parametrize("program", ["", "/missing/python", sys.executable + "-not", "/bin/false"])
def test_without_a_child_calls_are_made_here(tmp_path, monkeypatch, program):
    children = isolation._Children()
    monkeypatch.setattr(isolation, "_children", children)
    monkeypatch.setattr(sys, "executable", program)
    assert crashes.process_of(tmp_path)[0] == os.getpid()
    assert children.is_forbidden


def test_start_does_not_wait(monkeypatch):
    children = isolation._Children()
    monkeypatch.setattr(isolation, "_children", children)
    start()
    assert not children._child._is_ready
    children.end()


def test_child_ends_with_the_process_that_is_killed_while_it_waits():
    script = (
        "from pathlib import Path; from support.crashes import process_of;"
        "print(process_of(Path())[0], flush=True); process_of(Path(), sleep_s=60)"
    )
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    wait_for_end(pid)
