"""What holds a film still, option by option: each clip painted with each of them, beside the defaults.

    python bench_temporal.py CLIP [CLIP ...] [--style FILE] [--frames N] [--size N] [--options "--NAME VALUE ..." ...]
        [--keep FOLDER] [--json FILE]

A row a clip and choice of options: iterations of all passes and seconds of painting for each frame, the mean style loss,
and the warping error between neighbours and between frames ten apart, each as it is and over the source's own.
"""

import json
import statistics
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tables import SAMPLES, Table, command_of, parser_of, write

TRIED = (
    "",
    "--temporal-weight 0",
    "--temporal-weight 0.3",
    "--temporal-weight 3",
    "--temporal-frames 1,2,4",
    "--passes 2 --iterations 10",
    "--passes 2",
    "--iterations 10",
    "--iterations 40",
    "--stop-below 0",
    "--style-weight 3",
    "--content-weight 0.3",
    "--flow farneback",
    "--init source",
)


def painted(clip: Path, chosen: str, style: Path, frames: int, size: int, folder: Path) -> dict:
    """Paint the first frames of a clip; gives what `--stats` says of it."""
    stats = folder / "stats.json"
    result = folder / f"{clip.stem}{chosen.replace('--', '-').replace(' ', '')}.mp4"
    words = [clip, "--style", style, "-o", result, "--size", size, "--end", f"{frames}f", *chosen.split()]
    command = command_of(*words, "--stats", stats, "--overwrite", "--quiet")
    subprocess.run(command, check=True)
    return json.loads(stats.read_text())["jobs"][0]


def mean(values: Iterable[float | None]) -> float:
    """Mean of what is there."""
    return statistics.fmean(value for value in values if value is not None)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("clips", nargs="*", type=Path, default=[SAMPLES / "bunny.mp4"])
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--options", nargs="+", default=list(TRIED))
    parser.add_argument("--keep", type=Path, help="folder to keep the painted films in")
    arguments = parser.parse_args()
    table = Table(
        f"The first {arguments.frames} frames of each clip at {arguments.size} px, in the style of {arguments.style.name}.",
        (
            ("clip", ""),
            ("options", ""),
            ("iterations a frame", ".1f"),
            ("s a frame", ".2f"),
            ("style loss", ",.0f"),
            ("warping error", ".6f"),
            ("over the source's", ".2f"),
            ("ten apart", ".6f"),
            ("over the source's ten apart", ".2f"),
        ),
    )
    for clip in arguments.clips:
        for chosen in arguments.options:
            with tempfile.TemporaryDirectory() as temporary:
                folder = arguments.keep or Path(temporary)
                done = painted(
                    clip.absolute(), chosen, arguments.style, arguments.frames, arguments.size, folder
                )
            frames, far = done["per_frame"], done["warping_error_10"]
            error = mean(frame["warping_error"] for frame in frames)
            table.add(
                clip.stem,
                f"`{chosen}`" if chosen else "defaults",
                mean(frame["iterations"] for frame in frames),
                (done["stages"]["paint"] + done["stages"]["wait"]) / len(frames),
                mean(frame["loss"]["style"] for frame in frames),
                error,
                error / mean(frame["warping_error_source"] for frame in frames),
                far,
                None if far is None else far / done["warping_error_10_source"],
            )
    write(arguments.json, [table])


if __name__ == "__main__":
    main()
