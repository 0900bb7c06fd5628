"""A folder of one's own to run the command in, and to see what it left there."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest
from support.clips import ROOT

from vidstyle.cli.app import main
from vidstyle.media.encode.ffmpeg import run

WORK = ".vidstyle"
# Copies frames: only where painting itself is the subject is it worth its time.
COPY = {"--painter": "none", "--cuts": "off"}


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


class Bench:
    """Runs `vidstyle` in a folder that holds a style picture."""

    def __init__(self, folder, style, capture):
        self.folder, self._capture = folder, capture
        shutil.copyfile(style, folder / "starry.png")

    def __truediv__(self, name):
        return self.folder / name

    def draw(self, name, *arguments):
        """Make a file by ffmpeg's arguments, and return its path."""
        run(["-y", *arguments, self / name], what=f"draw {name}")
        return self / name

    def words(self, *words):
        """Complete a command's words: by a style, and by options that copy the frames unless given."""
        given = [os.fsencode(str(word)) for word in words]
        copy = [
            os.fsencode(word) for pair in COPY.items() if os.fsencode(pair[0]) not in given for word in pair
        ]
        return [*copy, b"--style", b"starry.png", *given]

    def paint(self, *words):
        """Run a command in this process."""
        self._capture.readouterr()
        code = main([os.fsdecode(word) for word in self.words(*words)])
        said = self._capture.readouterr()
        return Outcome(code, said.out, said.err)

    def begin(self, *words, patch="", **options):
        """Begin a command in a process of its own, after `patch`, which may plant a fault in it."""
        child = f"{patch}\nimport sys\nfrom vidstyle.cli.app import main\nsys.exit(main())"
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | options.pop("env", {})
        return subprocess.Popen(
            [sys.executable, *(["-c", child] if patch else ["-m", "vidstyle"]), *self.words(*words)],
            cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    def end(self, process):
        """Wait for a process to end."""
        out, err = process.communicate(timeout=100)
        return Outcome(process.returncode, out.decode(), err.decode())

    def apart(self, *words, **options):
        """Run a command in a process of its own."""
        return self.end(self.begin(*words, **options))

    def painted(self, *words, apart=False):
        """Run a command that must succeed, and print nothing but its progress."""
        outcome = (self.apart if apart else self.paint)(*words)
        assert outcome.code == 0, outcome.err
        return outcome

    def refused(self, *words, code=1, apart=False, begun=False):
        """Run a command that must fail by name, and return the sentence that it prints.

        The folder stays as it was; one that has `begun` leaves its work there, but no result.
        """
        before = self.listing(begun=begun)
        outcome = (self.apart if apart else self.paint)(*words)
        complaints = [line for line in outcome.err.splitlines() if line.startswith("vidstyle: ")]
        assert outcome.code == code, outcome
        assert len(complaints) == 1, outcome.err
        assert begun or outcome.err == complaints[0] + "\n"
        assert "Traceback" not in outcome.err
        assert "internal error" not in outcome.err
        assert "unforeseen" not in outcome.err
        assert complaints[0].endswith(".")
        assert outcome.out == ""
        assert self.listing(begun=begun) == before
        return complaints[0].removeprefix("vidstyle: ")

    def listing(self, *, begun=False):
        """Read every file of the folder: its content, and when it was written."""
        return {
            path.relative_to(self.folder): _content(path)
            for path in sorted(self.folder.rglob("*"))
            if not (begun and WORK in path.parts)
        }

    @property
    def work(self):
        """Find the only work folder."""
        (folder,) = [path for path in (self / WORK).iterdir() if path.is_dir()]
        return folder

    @property
    def journal(self):
        """Count the lines of the journals of the only run: 0 before there are any."""
        return sum(path.read_bytes().count(b"\n") for path in self.folder.glob(f"{WORK}/*/journal/*.jsonl"))

    def killed_after(self, frames, *words, **options):
        """Begin a command, and kill it once so many frames are known to be finished."""
        process = self.begin(*words, **options)
        while self.journal < frames:
            assert process.poll() is None, self.end(process)
            time.sleep(0.001)
        process.kill()
        return self.end(process)

    def stopped_before_encoding(self, *words):
        """Run a command that paints all its frames, and fails when it is to put them together."""

        def fail(*_arguments, **_options):
            raise RuntimeError("as told")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("vidstyle.pipeline.publish.write_film", fail)
            assert "as told" in self.paint(*words).err

    def resumed(self, *words):
        """Run a command to its end; return of each frame whether it had been painted before."""
        self.painted("--stats", "stats.json", *words)
        return [
            frame["resumed"]
            for frame in json.loads((self / "stats.json").read_text())["jobs"][0]["per_frame"]
        ]


def _content(path):
    if not path.is_file():
        return None
    status = path.stat()
    data = path.read_bytes() if os.access(path, os.R_OK) else b""
    return hashlib.sha256(data).hexdigest(), status.st_mtime_ns, status.st_mode


@pytest.fixture
def bench(request, tmp_path, style, capfd, monkeypatch, promptly):  # noqa: ARG001 - it fails rather than hangs.
    if request.node.get_closest_marker("slow"):
        signal.setitimer(signal.ITIMER_REAL, 1200, 5)
    monkeypatch.chdir(tmp_path)
    return Bench(tmp_path, style, capfd)


@pytest.fixture
def film(bench, clip):
    """Film of 25 frames with sound, `in.mp4`."""
    shutil.copyfile(clip, bench / "in.mp4")
    return "in.mp4"
