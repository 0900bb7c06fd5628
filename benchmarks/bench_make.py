"""samples/Makefile.batch over four clips: killed half way and run again, and two jobs at a time against one.

    python bench_make.py [--clip FILE] [--frames N] [--size N] [--iterations N] [--painter NAME] [--rounds N]

Each of the four clips is another part of one film. Orders alternate, since a machine's speed varies.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import vidstyle
from vidstyle.media.video.probe import probe_video

SAMPLES = Path(__file__).parents[1] / "samples"


class Desk:
    """A folder with four clips and the Makefile."""

    def __init__(self, folder: Path, arguments: argparse.Namespace) -> None:
        self.folder, self.frames = folder, arguments.frames
        (folder / "films").mkdir()
        shutil.copyfile(SAMPLES / "starry.jpg", folder / "starry.jpg")
        shutil.copyfile(SAMPLES / "Makefile.batch", folder / "Makefile.batch")
        for number in range(4):
            part = vidstyle.SourceOptions(
                vidstyle.Size(arguments.size),
                vidstyle.Time.parse(f"{number * self.frames}f"),
                vidstyle.Time.parse(f"{(number + 1) * self.frames}f"),
                vidstyle.Cuts(()),
            )
            options = vidstyle.Options(source=part, painter=vidstyle.PainterKind.NONE)
            vidstyle.stylize(
                arguments.clip, SAMPLES / "starry.jpg", folder / f"films/{number}.mp4", options=options
            )
        iterations = f"--first-iterations {2 * arguments.iterations} --iterations {arguments.iterations}"
        self.options = f"OPTIONS=--painter {arguments.painter} {iterations} --cuts off"

    def begin(self, *words: str) -> subprocess.Popen[str]:
        command = [
            "make",
            "-f",
            "Makefile.batch",
            f"VIDSTYLE={sys.executable} -m vidstyle",
            self.options,
            *words,
        ]
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
        }
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *words: str) -> float:
        """Paint all clips from the start; return the seconds."""
        shutil.rmtree(self.folder / "painted", ignore_errors=True)
        began = time.perf_counter()
        process = self.begin(*words)
        said = process.communicate()[0]
        if process.returncode:
            raise SystemExit(said)
        return time.perf_counter() - began

    def painted(self) -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in (self.folder / "painted").glob("[!.]*")}

    def finished_frames(self) -> int:
        return sum(
            path.read_bytes().count(b"\n") for path in self.folder.glob("painted/.vidstyle/*/journal/*.jsonl")
        )


def killed(desk: Desk) -> None:
    """Kill the batch when one clip is done and others have begun, and run it again."""
    process = desk.begin("-j2")
    while not desk.painted() or not desk.finished_frames():
        if process.poll() is not None:
            raise SystemExit(process.communicate()[0])
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    before, frames = desk.painted(), desk.finished_frames()
    whole = [probe_video(desk.folder / "painted" / name).frames == desk.frames for name in before]
    again = desk.begin("-j2")
    said = again.communicate()[0]
    after = desk.painted()
    kept = sum(after.get(name) == moment for name, moment in before.items())
    print(
        f"killed with {len(before)} of 4 clips done, all whole: {all(whole)}; "
        f"{frames} frames of the others were finished"
    )
    print(
        f"again: exit code {again.returncode}, {len(after)} clips, {kept} of {len(before)} untouched; "
        f"{said.count('-m vidstyle')} runs"
    )
    print(f"once more: {desk.begin('-j2').communicate()[0].strip()}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clip", type=Path, default=SAMPLES / "bunny.mp4")
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--painter", default="vgg")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), arguments)
        killed(desk)
        seconds: dict[str, list[float]] = {"-j1": [], "-j2": []}
        for number in range(arguments.rounds):
            for jobs in list(seconds)[:: 1 if number % 2 == 0 else -1]:
                seconds[jobs].append(desk.run(jobs))
        load = os.getloadavg()[0]
        print("\n| | seconds, median | all |\n|---|---|---|")
        for jobs, times in seconds.items():
            listed = ", ".join(f"{each:.1f}" for each in times)
            print(f"| {jobs} | {statistics.median(times):.1f} | {listed} |")
        ratios = [two / one for one, two in zip(seconds["-j1"], seconds["-j2"], strict=True)]
        print(
            f"two at a time over one after the other: {statistics.median(ratios):.2f}; "
            f"load of the machine {load:.1f}"
        )


if __name__ == "__main__":
    main()
