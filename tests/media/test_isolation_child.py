import pickle
import subprocess
import sys
from multiprocessing.connection import Pipe
from pathlib import Path

import pytest
from PIL import Image
from support.clips import ROOT

from vidstyle.errors import ProbeError
from vidstyle.media.isolation import Setting
from vidstyle.media.isolation_child import answer
from vidstyle.media.photo.open import photo_size


def ask(function, *arguments, setting=Setting(), **keywords):  # noqa: B008 - a tuple.
    return pickle.loads(answer(pickle.dumps((setting, function, arguments, keywords))))


def test_answer_has_the_result():
    assert ask(sorted, [2, 1], reverse=True).value == [2, 1]


def test_answer_has_the_error_and_its_traceback():
    found = ask(photo_size, Path("/missing.png"))
    assert isinstance(found.error, ProbeError)
    assert "in photo_size" in found.trace


def test_setting_of_the_caller_applies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5)
    Image.new("RGB", (16, 16)).save("a.png")
    assert isinstance(ask(photo_size, Path("a.png")).error, ProbeError)
    setting = Setting(str(ROOT), None)
    assert ask(photo_size, tmp_path / "a.png", setting=setting).value == (16, 16)
    assert Path.cwd() == ROOT


def test_function_that_cannot_be_found_is_an_error():
    assert isinstance(pickle.loads(answer(b"no pickle")).error, pickle.UnpicklingError)


@pytest.mark.parametrize("module", ["json", "vidstyle.media.video.probe"])
def test_child_serves_and_ends_when_nothing_is_asked(module):
    ours, theirs = Pipe()
    program = (
        "import vidstyle.media.isolation_child as child, sys; child.IDLE_S = 0.2;"
        "child.serve(int(sys.argv[1]), sys.argv[2])"
    )
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(theirs.fileno()), module],
            pass_fds=(theirs.fileno(),), cwd=ROOT,
        )  # fmt: skip
        assert ours.recv_bytes() == b"ready"
        ours.send_bytes(pickle.dumps((Setting(), abs, (-1,), {})))
        assert pickle.loads(ours.recv_bytes()).value == 1
        assert process.wait(30) == 0


def test_probe_needs_no_library_of_arrays():
    program = "import sys, vidstyle.media.video.probe; sys.exit(not {'numpy', 'cv2'}.isdisjoint(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
