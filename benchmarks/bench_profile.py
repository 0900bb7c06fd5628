"""Share of a film's painting time that is spent inside the compiled step.

    python bench_profile.py [CLIP] [--frames N] [--size N] [--first-iterations N] [--iterations N]
        [--rounds N] [--json FILE]

By `--stats` of whole runs. Starting, painting and waiting are the painter's own thread; work of other threads
is listed apart. Without a CLIP the camera pans over an image, so that no frame equals the one before it;
nothing stops early.
"""

import json
import tempfile
from pathlib import Path

from tables import SAMPLES, Table, command_of, median, parser_of, watched, write

from vidstyle.media.encode.ffmpeg import run

COLUMNS = (
    ("frames", "d"),
    ("run, s", ".1f"),
    ("job, s", ".1f"),
    ("start, s", ".2f"),
    ("painting, s", ".1f"),
    ("waiting, s", ".2f"),
    ("other, s", ".2f"),
    ("painting over the job after its start", ".3f"),
    ("beside: decode, s", ".2f"),
    ("flow, s", ".2f"),
    ("look, s", ".2f"),
    ("save, s", ".2f"),
    ("iterations", "d"),
)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("clip", nargs="?", type=Path)
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--first-iterations", type=int, default=20)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    name = arguments.clip.name if arguments.clip else "a pan"
    table = Table(
        f"Profile of a film: {name}, longer side {arguments.size} px, {arguments.iterations} iterations a "
        f"frame, medians of {arguments.rounds}.",
        COLUMNS,
    )
    found = [profile(arguments) for _ in range(arguments.rounds)]
    table.add(*(median(column) for column in zip(*found, strict=True)))
    write(arguments.json, [table])


def pan(arguments, film: Path) -> Path:
    """Draw a film of 16 x 9 in which everything moves by two pixels per frame."""
    wide = arguments.size // 2 * 2
    crop = f"scale={wide + 2 * arguments.frames}:-2,crop={wide}:{wide * 9 // 32 * 2}:2*n:n/4"
    source = ["-loop", "1", "-framerate", "24", "-i", SAMPLES / "starry.jpg", "-frames:v", arguments.frames]
    words = [*source, "-vf", crop, "-c:v", "libx264", "-crf", "12", "-pix_fmt", "yuv420p", film]
    run(["-y", *words], what="draw a film")
    return film


def profile(arguments) -> list[float]:
    """Figures of one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = arguments.clip.resolve() if arguments.clip else pan(arguments, folder / "pan.mp4")
        command = command_of(
            clip, "--style", arguments.style.resolve(), "-o", "out.mp4", "--stats", "stats.json",
            "--size", arguments.size, "--end", f"{arguments.frames}f", "--stop-below", 0, "--cuts", "off",
            "--first-iterations", arguments.first_iterations, "--iterations", arguments.iterations,
        )  # fmt: skip
        whole = watched(command, folder)
        (job,) = json.loads((folder / "stats.json").read_text())["jobs"]
    stages = job["stages"]
    after = job["seconds"] - stages["start"]
    other = after - stages["paint"] - stages["wait"]
    own = [job["seconds"], stages["start"], stages["paint"], stages["wait"], other, stages["paint"] / after]
    beside = [stages[name] for name in ("decode", "flow", "look", "save")]
    iterations = sum(frame["iterations"] for frame in job["per_frame"])
    return [job["frames"], whole["seconds"], *own, *beside, iterations]


if __name__ == "__main__":
    main()
