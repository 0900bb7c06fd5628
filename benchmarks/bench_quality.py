"""Cost and result of each `--quality`: time, style loss in float32 and warping error.

    python bench_quality.py [CLIP] [--photo FILE] [--frames N] [--qualities NAME ...] [--rounds N]
        [--json FILE]

Whole runs; rounds alternate, medians are printed. Losses are means over frames, in float32, at the sizes that
were painted.
"""

import json
import tempfile
from pathlib import Path

from tables import SAMPLES, Table, command_of, median, parser_of, watched, write

COLUMNS = (
    ("input", ""),
    ("quality", ""),
    ("size", ""),
    ("seconds", ".1f"),
    ("of them painting", ".1f"),
    ("iterations", ".0f"),
    ("style loss as painted", ",.0f"),
    ("warping error", ".6f"),
    ("source's own", ".6f"),
)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("clip", nargs="?", type=Path, default=SAMPLES / "bunny.mp4")
    parser.add_argument("--photo", type=Path, default=SAMPLES / "coffee.jpg")
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--qualities", nargs="+", default=["draft", "good", "best"])
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    table = Table(
        f"Quality: {arguments.frames} frames of {arguments.clip.name}, and {arguments.photo.name}; "
        f"medians of {arguments.rounds} alternating rounds.",
        COLUMNS,
    )
    inputs = {
        arguments.clip: ["--end", f"{arguments.frames}f", "--cuts", "off"],
        arguments.photo: [],
    }
    for source, words in inputs.items():
        runs = {quality: [] for quality in arguments.qualities}
        for number in range(arguments.rounds):
            for quality in arguments.qualities[:: -1 if number % 2 else 1]:
                runs[quality].append(painted(source, arguments.style, quality, words))
        for quality, found in runs.items():
            (size, *_), *_ = found
            figures = zip(*(figures for _, figures in found), strict=True)
            table.add(
                source.name,
                quality,
                size,
                *(None if None in column else median(column) for column in figures),
            )
    write(arguments.json, [table])


def painted(source: Path, style: Path, quality: str, words: list[str]) -> tuple[str, list[float | None]]:
    """Size and figures of one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        how = ["--style", style.resolve(), "-o", f"out{source.suffix}", "--stats", "stats.json"]
        run = watched(command_of(source.resolve(), *how, "--quality", quality, *words), folder)
        (job,) = json.loads((folder / "stats.json").read_text())["jobs"]
    frames = job["per_frame"]
    mean = lambda values: sum(values) / len(values) if values else None  # noqa: E731
    known = [frame for frame in frames if frame["warping_error"] is not None]
    figures = [
        run["seconds"],
        job["stages"]["paint"],
        mean([frame["iterations"] for frame in frames]),
        mean([frame["loss"]["style"] for frame in frames if frame["loss"]]),
        mean([frame["warping_error"] for frame in known]),
        mean([frame["warping_error_source"] for frame in known]),
    ]
    return f"{job['width']}x{job['height']}", figures


if __name__ == "__main__":
    main()
