"""Where the time of a film goes: the share of it that is spent inside the compiled step.

    python bench_profile.py [CLIP] [--frames N] [--size N] [--first-iterations N] [--iterations N] [--rounds N] [--json FILE]

By `--stats` of whole runs. Starting, painting and waiting are the painter's own thread; what goes on beside it is listed
apart. The clip is held in a pan, so that no frame equals the one before it, and nothing stops early.
"""

import json
import tempfile
from pathlib import Path

from tables import SAMPLES, Table, command_of, median, parser_of, watched, write

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
    ("save, s", ".2f"),
    ("iterations", "d"),
)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("clip", nargs="?", type=Path, default=SAMPLES / "bunny.mp4")
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--first-iterations", type=int, default=20)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    table = Table(
        f"Profile of a film: {arguments.clip.name}, longer side {arguments.size} px, {arguments.iterations} iterations a "
        f"frame, medians of {arguments.rounds}.",
        COLUMNS,
    )
    found = [profile(arguments) for _ in range(arguments.rounds)]
    table.add(*(median(column) for column in zip(*found, strict=True)))
    write(arguments.json, [table])


def profile(arguments) -> list[float]:
    """Figures of one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = command_of(
            arguments.clip.resolve(), "--style", arguments.style.resolve(), "-o", "out.mp4", "--stats", "stats.json",
            "--size", arguments.size, "--end", f"{arguments.frames}f", "--stop-below", 0, "--cuts", "off",
            "--first-iterations", arguments.first_iterations, "--iterations", arguments.iterations,
        )  # fmt: skip
        run = watched(command, folder)
        (job,) = json.loads((folder / "stats.json").read_text())["jobs"]
    stages = job["stages"]
    after = job["seconds"] - stages["start"]
    other = after - stages["paint"] - stages["wait"]
    own = [job["seconds"], stages["start"], stages["paint"], stages["wait"], other, stages["paint"] / after]
    beside = [stages[name] for name in ("decode", "flow", "save")]
    iterations = sum(frame["iterations"] for frame in job["per_frame"])
    return [job["frames"], run["seconds"], *own, *beside, iterations]


if __name__ == "__main__":
    main()
