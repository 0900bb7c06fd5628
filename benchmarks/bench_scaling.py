"""Iterations per second against pixels, as a whole and in tiles, next to bare passes of the network.

    python bench_scaling.py [--sizes N ...] [--iterations N] [--rounds N] [--precision NAME] [--json FILE]

Squares of noise, and tiles of half their side; each row in a process of its own, in which painting and bare
passes alternate. Compiling is left out.
"""

import argparse
import json
import resource
import sys

import numpy as np
from bare import bare_passes
from tables import Table, child, median, parser_of, write

COLUMNS = (
    ("side, px", "d"),
    ("windows, px", ""),
    ("iterations a second", ".3f"),
    ("million pixels a second", ".3f"),
    ("bare passes a second", ".3f"),
    ("over bare passes", ".3f"),
    ("peak memory, GiB", ".2f"),
)


def measure(arguments: argparse.Namespace, size: int, tile: str) -> dict[str, float]:
    """Measure one size in this process."""
    from vidstyle.neural.inputs import FrameTargets
    from vidstyle.neural.painter import OptimizingPainter
    from vidstyle.options.groups import MachineOptions, PaintOptions, Precision
    from vidstyle.options.values import Tile

    machine = MachineOptions(precision=Precision(arguments.precision), tile=Tile.parse(tile))
    painter = OptimizingPainter(PaintOptions(stop_below=0), machine)
    photo, style = np.random.default_rng(0).random((2, size, size, 3), np.float32)
    encoded = painter.prepare([style])
    targets = FrameTargets(photo, encoded)
    painter.paint(targets, iterations=1)
    steps = arguments.iterations + 1
    if tile != "off":
        paint = [_painted(painter, targets, arguments.iterations) for _ in range(arguments.rounds)]
        return {"rate": steps / median(paint), "peak_bytes": _peak()}
    peak = _peak()  # Of painting, before the bare passes add theirs.
    bare, paint, seconds = bare_passes(painter, photo, encoded), [], []
    for _ in range(arguments.rounds):
        paint.append(_painted(painter, targets, arguments.iterations))
        seconds.append(bare(steps))
    ratio = median(one / other for one, other in zip(paint, seconds, strict=True))
    return {
        "rate": steps / median(paint),
        "bare_rate": steps / median(seconds),
        "ratio": ratio,
        "peak_bytes": peak,
    }


def _painted(painter, targets, iterations: int) -> float:
    """Time the compiled descent; an image takes about two more forward passes around it."""
    return painter.paint(targets, iterations=iterations).seconds


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[128, 256, 512, 1024])
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        size, tile = arguments.measure
        print(json.dumps(measure(arguments, int(size), tile)))
        return
    table = Table(
        f"Scaling: squares of noise, precision {arguments.precision}, medians of {arguments.rounds} "
        f"alternating rounds of {arguments.iterations} iterations, in the compiled descent.",
        COLUMNS,
    )
    common = ["--iterations", arguments.iterations, "--rounds", arguments.rounds]
    for size in arguments.sizes:
        bare = None
        # Windows have 256 pixels at least.
        for tile in ("off", *([str(size // 2)] if size >= 512 else [])):
            found = child(
                sys.executable, __file__, *common, "--precision", arguments.precision, "--measure", size, tile
            )
            bare = found.get("bare_rate", bare)
            table.add(
                size,
                "" if tile == "off" else tile,
                found["rate"],
                found["rate"] * size**2 / 1e6,
                bare,
                found.get("ratio", bare and bare / found["rate"]),
                found["peak_bytes"] / 2**30,
            )
    write(arguments.json, [table])


if __name__ == "__main__":
    main()
