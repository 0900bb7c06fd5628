"""Witness of a change that must keep every pixel: small cases, painted by two versions.

    python witness.py --json FILE [--only CASE ...] [--package PATH] [--keep FOLDER] [--workers N]
    python witness.py --compare BEFORE.json AFTER.json

The first form draws its inputs, paints each case through the command line, on the processor and in float32,
and writes exit codes, losses to seven digits, and SHA-256 hashes of decoded pixels: of the results, and of
the stored frames, which no codec has touched. PATH is another checkout. A run that is stopped and resumed
must equal the uninterrupted one; otherwise the exit code is 1. FOLDER stores the pixels for a comparison.

The second form prints a Markdown table of both files, and exits with 1 if a case differs. A difference grows
tenfold or more from frame to frame of a film, so that the first frame that differs tells how large it was.

Hashes hold for one machine and one set of libraries: paint both versions on the same machine.
"""

import argparse
import hashlib
import json
import os
import platform
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from PIL import Image
from witness_cases import CASES, STOPS, Pixels, Stop, draw_inputs, stored_frames

Environment = dict[str, str]
Record = dict[str, Any]

LOSS_TOLERANCE = 1e-6
"""Relative difference of losses that counts as none: that of the seventh digit."""
COMMON = ("--device", "cpu", "--precision", "float32", "--keep-frames", "--stats", "stats.json")
LIBRARIES = ("tensorflow", "keras", "numpy", "scipy", "opencv-python-headless", "av", "pillow")
FIGURES = ("iterations", "warping_error", "warping_error_source")
NAMES = (*CASES, *STOPS)


def main() -> int:
    """Paint the cases, or compare two files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--json", type=Path, metavar="FILE", help="paint, and write this file")
    add("--only", nargs="+", choices=NAMES, default=NAMES, metavar="CASE", help="some cases only")
    add("--package", type=Path, default=Path(__file__).parents[1], help="checkout to paint with")
    add("--keep", type=Path, metavar="FOLDER", help="store the pixels here, one .npz per case")
    add("--workers", type=int, default=2, metavar="N", help="cases painted at the same time (2)")
    add("--compare", type=Path, nargs=2, metavar=("BEFORE", "AFTER"), help="compare two files")
    arguments = parser.parse_args()
    if arguments.compare:
        before, after = (json.loads(path.read_text("utf-8")) for path in arguments.compare)
        return compare(before, after)
    if not arguments.json:
        parser.error("give --json FILE, or --compare BEFORE.json AFTER.json")
    keep = arguments.keep and arguments.keep.resolve()
    with tempfile.TemporaryDirectory() as root:
        found = witness(arguments.only, arguments.package.resolve(), Path(root), keep, arguments.workers)
    arguments.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    resumed = [(name, STOPS[name].whole) for name in found["cases"] if name in STOPS]
    wrong = [pair for pair in resumed if not _are_equal(*(found["cases"][name] for name in pair))]
    for name, whole in wrong:
        print(f"{name}: the resumed run differs from {whole}", file=sys.stderr)
    return int(len(wrong) > 0)


def witness(names: Sequence[str], package: Path, root: Path, keep: Path | None, workers: int) -> Record:
    """Paint some cases, several at a time, and describe what each leaves."""
    draw_inputs(root / "in")
    needed = {STOPS[name].whole for name in names if name in STOPS}
    chosen = [name for name in NAMES if name in names or name in needed]
    env = {name: value for name, value in os.environ.items() if not name.startswith("VIDSTYLE_")}
    env |= {"PYTHONPATH": str(package), "XDG_CACHE_HOME": str(root / "cache")}
    code = "import vidstyle; print(vidstyle.__file__)"
    where = _run([sys.executable, "-c", code], root, env).stdout.strip()
    if package not in Path(where).parents:
        raise SystemExit(f"no package vidstyle in {package}: give the folder that holds it as --package")

    def timed(name: str) -> Record:
        began = time.monotonic()
        found = paint(name, root, env, keep)
        notes = [
            f"exit code {found['exit_code']}",
            *(found[key] for key in ("stopped", "message") if key in found),
        ]
        print(f"{time.monotonic() - began:5.1f} s  {name}: {', '.join(notes)}", flush=True)
        return found

    with ThreadPoolExecutor(workers) as pool:
        cases = dict(zip(chosen, pool.map(timed, chosen), strict=True))
    libraries = {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
    return {"machine": {"node": platform.node(), **libraries}, "pixels": keep and str(keep), "cases": cases}


def paint(name: str, root: Path, env: Environment, keep: Path | None) -> Record:
    """Run one case in a folder of its own; a stopped one once more, to its end."""
    folder, stop = root / name, STOPS.get(name)
    folder.mkdir()
    command = [sys.executable, "-m", "vidstyle", *shlex.split(CASES[stop.whole if stop else name]), *COMMON]
    found = {"stopped": _stop(stop, command, folder, env)} if stop else {}
    done = _run(command, folder, env)
    if done.returncode:
        found["message"] = done.stderr.strip().rpartition("\n")[2]
    pixels = _pixels(folder)
    if keep and pixels:
        keep.mkdir(parents=True, exist_ok=True)
        arrays: Record = {part: np.stack(images) for part, images in pixels.items()}
        np.savez_compressed(keep / f"{name}.npz", **arrays)
    hashes = {part: _digest(images) for part, images in pixels.items()}
    # The iterations that a resumed run counts depend on the moment at which it was stopped.
    losses = [] if stop else _losses(folder / "stats.json")
    return {"exit_code": done.returncode, **found, "pixels": hashes, "losses": losses}


def _run(command: Sequence[str], folder: Path, env: Environment) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def _stop(stop: Stop, command: Sequence[str], folder: Path, env: Environment) -> str:
    """Start a run, stop it at its moment, and say how far it came."""
    with (folder / "log.jsonl").open("wb") as log:
        # A process group of its own: its encoder is stopped with it.
        words = (*command, "--log-json")
        process = subprocess.Popen(words, cwd=folder, env=env, stdout=log, stderr=log, process_group=0)
        while process.poll() is None and not stop.is_reached(folder):
            time.sleep(0.004)
        for number in stop.signals:
            if process.poll() is None:
                os.killpg(process.pid, number)
                time.sleep(0.2)  # Two signals at one moment would count as one.
        code = process.wait()
    if code not in {-signal.SIGKILL, 130}:
        return f"too late, exit code {code}"
    checkpoint = " and a checkpoint" if any(folder.rglob("checkpoint*")) else ""
    return f"stopped with {len(stored_frames(folder))} frames{checkpoint}"


def _pixels(folder: Path) -> dict[str, list[Pixels]]:
    """Decode the results, by their names, and the stored frames of each job."""
    found = {}
    for path in sorted(path for pattern in ("out.*", "out/[!.]*") for path in folder.glob(pattern)):
        if path.suffix in {".mkv", ".mp4"}:
            with av.open(str(path)) as film:
                images = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        else:
            images = [np.asarray(Image.open(path))]
        found[path.relative_to(folder).as_posix()] = images
    jobs: dict[str, list[Pixels]] = {}
    for path in stored_frames(folder):
        key = path.parts[path.parts.index(".vidstyle") + 1]
        jobs.setdefault(key, []).append(np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED)))
    # Work folders are named by a hash that another version may compute from other things.
    stored = sorted(jobs.values(), key=lambda images: (images[0].shape, _digest(images)))
    return found | {f"frames of job {number}": images for number, images in enumerate(stored, 1)}


def _digest(images: Sequence[Pixels]) -> str:
    total = hashlib.sha256()
    for image in images:
        total.update(f"{image.dtype} {image.shape}".encode())
        total.update(np.ascontiguousarray(image).data)
    return total.hexdigest()


def _losses(stats: Path) -> list[dict[str, float]]:
    """Read losses, iterations and warping errors of all frames; none where nothing was painted."""
    jobs = json.loads(stats.read_text("utf-8"))["jobs"] if stats.exists() else []
    frames = [frame for job in jobs for frame in job["per_frame"]]
    named = [{**(frame["loss"] or {}), **{name: frame[name] for name in FIGURES}} for frame in frames]
    return [{name: float(f"{x:.7g}") for name, x in frame.items() if x is not None} for frame in named]


def _are_equal(one: Record, other: Record) -> bool:
    return all(one[figure] == other[figure] for figure in ("exit_code", "pixels"))


def compare(before: Record, after: Record) -> int:
    """Print a table of two versions' cases; 1 if any differs, otherwise 0."""
    if before["machine"] != after["machine"]:
        print("Painted on different machines or with different libraries, which alone may change hashes.\n")
    print("| case | before | after | same | losses, relative | pixels, levels of 255 |")
    print("|---|---|---|---|---|---|")
    differing, figures = 0, [set[str](), set[str]()]
    for name in dict.fromkeys((*before["cases"], *after["cases"])):
        one, other = before["cases"].get(name), after["cases"].get(name)
        same, loss, levels = False, 0.0, ""
        if one and other:
            loss = _loss_difference(one["losses"], other["losses"])
            same = _are_equal(one, other) and loss <= LOSS_TOLERANCE
            levels = "" if one["pixels"] == other["pixels"] else _level_difference(before, after, name)
            for known, case in zip(figures, (one, other), strict=True):
                known.update(*case["losses"])
        differing += not same
        cells = (name, _summary(one), _summary(other), "yes" if same else "**no**", f"{loss:.1e}", levels)
        print("|", " | ".join(cells), "|")
    if extra := figures[0] ^ figures[1]:
        print(f"\nFigures of one version only, which are not compared: {', '.join(sorted(extra))}.")
    print(f"\n{differing} cases differ." if differing else "\nAll cases are the same.")
    return int(differing > 0)


def _summary(case: Record | None) -> str:
    """Write a case in a few letters: its exit code, if that is not 0, and a hash of its hashes."""
    if case is None:
        return "missing"
    code = f"exit code {case['exit_code']}" if case["exit_code"] else ""
    digest = hashlib.sha256(json.dumps(case["pixels"], sort_keys=True).encode()).hexdigest()[:12]
    return f"{code} {digest if case['pixels'] else ''}".strip()


def _loss_difference(before: list[dict[str, float]], after: list[dict[str, float]]) -> float:
    """Find the largest relative difference of figures that both have; infinite where frames are missing."""
    if len(before) != len(after):
        return float("inf")
    frames = zip(before, after, strict=True)
    pairs = [(one[name], other[name]) for one, other in frames for name in one.keys() & other]
    return max((abs(a - b) / max(abs(a), abs(b)) for a, b in pairs if a != b), default=0.0)


def _level_difference(before: Record, after: Record, name: str) -> str:
    """Find the largest difference of a pixel, of the first image that differs and of all of them."""
    files = [Path(painted["pixels"] or "") / f"{name}.npz" for painted in (before, after)]
    if not all(file.is_file() for file in files):
        return "not stored"
    found = []
    with np.load(files[0]) as one, np.load(files[1]) as other:
        if {part: one[part].shape for part in one} != {part: other[part].shape for part in other}:
            return "of other size"
        for part in one:
            levels = 255 * np.abs(one[part].astype(float) - other[part]) / np.iinfo(one[part].dtype).max
            if (largest := levels.reshape(len(levels), -1).max(axis=1)).any():
                found.append(f"{part}: {largest[largest > 0][0]:.2g}, then up to {largest.max():.2g}")
    return "; ".join(found)


if __name__ == "__main__":
    sys.exit(main())
