"""Memory against image size, whole and in tiles; memory, threads and open files against a film's length.

    python bench_memory.py [--sizes N ...] [--tile N] [--iterations N] [--lengths N ...] [--painted]
        [--json FILE]

Whole runs of the command, and the largest figures of its process. Films are drawn, 64 pixels wide, and copied
(`--painter none`) unless `--painted` is given.
"""

import tempfile
from pathlib import Path

import imageio.v3 as iio
import numpy as np
from tables import SAMPLES, Table, command_of, parser_of, watched, write

from vidstyle.media.encode.ffmpeg import run


def of_sizes(arguments, folder: Path) -> Table:
    columns = (
        ("side, px", "d"),
        ("windows, px", ""),
        ("peak memory, GiB", ".2f"),
        ("bytes a pixel", ",.0f"),
    )
    table = Table(
        f"Memory against size: squares of noise, {arguments.iterations} iterations; "
        "bytes a pixel are those over a picture of 64 x 64.",
        columns,
    )

    def peak(size: int, tile: str) -> float:
        photo = folder / f"{size}.png"
        noise = np.random.default_rng(size).integers(0, 256, (size, size, 3), np.uint8)
        iio.imwrite(photo, noise)
        words = ["--first-iterations", arguments.iterations, "--stop-below", 0, "--tile", tile]
        command = command_of(
            photo,
            "--style",
            photo,
            "-o",
            f"{size}-{tile}.png",
            "--size",
            "full",
            *words,
            "--quiet",
            "--overwrite",
        )
        return watched(command, folder)["peak_bytes"]

    least = peak(64, "off")
    table.add(64, "", least / 2**30, None)
    for size in arguments.sizes:
        for tile in ("off", *([arguments.tile] if size > int(arguments.tile) else [])):
            found = peak(size, tile)
            table.add(size, "" if tile == "off" else tile, found / 2**30, (found - least) / (size**2 - 64**2))
    return table


def of_lengths(arguments, folder: Path) -> Table:
    columns = (
        ("frames", "d"),
        ("seconds", ".1f"),
        ("frames an hour", ",.0f"),
        ("peak memory, MiB", ".0f"),
        ("threads", ".0f"),
        ("open files", ".0f"),
    )
    how = ["--first-iterations", 2, "--iterations", 1] if arguments.painted else ["--painter", "none"]
    title = "Length of a film: 64 x 48 pixels, " + ("2 and 1 iterations." if arguments.painted else "copied.")
    table = Table(title, columns)
    for length in arguments.lengths:
        film = folder / f"{length}.mp4"
        source = f"testsrc2=s=64x48:r=25:d={length / 25}"
        run(
            ["-y", "-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast", film],
            what="draw a film",
        )
        command = command_of(film, "--style", SAMPLES / "starry.jpg", "-o", f"{length}-out.mp4", *how)
        found = watched(command, folder)
        rate = 3600 * length / found["seconds"]
        table.add(
            length, found["seconds"], rate, found["peak_bytes"] / 2**20, found["threads"], found["files"]
        )
    return table


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--sizes", nargs="*", type=int, default=[320, 512, 1024])
    parser.add_argument("--tile", default="256")
    parser.add_argument("--iterations", type=int, default=4)
    parser.add_argument("--lengths", nargs="*", type=int, default=[10, 100, 1000])
    parser.add_argument("--painted", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        tables = []
        if arguments.sizes:
            tables.append(of_sizes(arguments, Path(name)))
        if arguments.lengths:
            tables.append(of_lengths(arguments, Path(name)))
    write(arguments.json, tables)


if __name__ == "__main__":
    main()
