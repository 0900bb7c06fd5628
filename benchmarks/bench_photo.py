"""A 512 px photo: against bare passes of the network, and seconds to the losses that pastiche reaches.

    python bench_photo.py [--photo FILE] [--style FILE] [--size N] [--iterations N] [--rounds N]
        [--peer PYTHON] [--steps N ...] [--json FILE]

The objective is pastiche's own in every case: content 0.01 at relu4_2, ten times the mean squared difference
of Gram matrices over C^2 at each relu*_1, no total variation. Pastiche starts from the photo, vidstyle by its
default, from the photo with the style's colours and contrasts. Rounds alternate; medians are printed.
Start-up (imports, weights, trace) is left out everywhere. PYTHON is an interpreter with torch, numpy and
pastiche 1.6.0, which also scores what vidstyle painted, in float32.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tables import SAMPLES, Table, child, median, parser_of, write

PEER = Path(__file__).parent / "pastiche_peer.py"
EACH = 2
"""Iterations between two pictures that are scored."""


def paint(arguments: argparse.Namespace, precision: str, folder: Path) -> dict[str, object]:
    """Paint in this process; called in a child, so that its memory is its own."""
    from bare import bare_passes, load

    from vidstyle.imaging.pyramid import match_pyramid, pyramid_statistics
    from vidstyle.neural.inputs import FrameTargets, WarmStart
    from vidstyle.neural.optimize.monitor import Monitor, SnapshotCallback
    from vidstyle.neural.painter import OptimizingPainter
    from vidstyle.options.groups import MachineOptions, PaintOptions, Precision
    from vidstyle.options.objective import LossScales, ObjectiveOptions

    began = time.perf_counter()
    objective = ObjectiveOptions(base_weights=LossScales(content=0.01, style=50.0, tv=0.0, temporal=2e8))
    photo, style = (load(path, arguments.size) for path in (arguments.photo, arguments.style))
    painter = OptimizingPainter(
        PaintOptions(stop_below=0), MachineOptions(precision=Precision(precision)), objective
    )
    encoded = painter.prepare([style])
    targets = FrameTargets(photo, encoded)
    painter.paint(targets, iterations=1)
    startup_s = time.perf_counter() - began

    began = time.perf_counter()
    start = WarmStart(match_pyramid(photo, pyramid_statistics(style)))
    painter.paint(targets, start, iterations=arguments.iterations)
    paint_s = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    bare_s = bare_passes(painter, photo, encoded)(arguments.iterations + 1)

    # Once more for the way there; what keeping pictures takes does not count.
    told, curve = [], []

    def keep(image: object) -> None:
        file = folder / f"{len(curve):04d}.npy"
        np.save(file, np.asarray(image, np.float32))
        curve.append((sum(told), str(file)))

    if arguments.peer:
        monitor = Monitor(
            on_progress=lambda progress: told.append(progress.seconds), snapshots=SnapshotCallback(EACH, keep)
        )
        around = (
            paint_s - painter.paint(targets, start, iterations=arguments.iterations, monitor=monitor).seconds
        )
        curve = [(seconds + max(0.0, around), file) for seconds, file in curve]
    return {
        "seconds": paint_s,
        "ratio": paint_s / bare_s,
        "startup_s": startup_s,
        "peak_bytes": peak,
        "curve": curve,
    }


def reached(curve: Sequence[tuple[float, float]], loss: float) -> float | None:
    """Find the seconds after which a loss was first reached; None if it never was."""
    return next((seconds for seconds, found in curve if found <= loss), None)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--photo", type=Path, default=SAMPLES / "coffee.jpg")
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--iterations", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", type=Path)
    parser.add_argument(
        "--steps",
        nargs="+",
        type=int,
        default=[125, 150, 175, 200],
        help="of pastiche, whose losses are to be reached",
    )
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--paint", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.paint:
        print(json.dumps(paint(arguments, arguments.paint[0], Path(arguments.paint[1]))))
        return
    place = (arguments.photo, arguments.style, arguments.size)
    common = ["--photo", arguments.photo, "--style", arguments.style, "--size", arguments.size]
    common += ["--iterations", arguments.iterations, *(["--peer", arguments.peer] if arguments.peer else [])]
    rounds: dict[str, list[dict]] = {precision: [] for precision in arguments.precisions}
    peer: list[list[dict]] = []
    for _ in range(arguments.rounds):
        if arguments.peer:
            peer.append(child(arguments.peer, PEER, "curve", *place, *arguments.steps))
        for precision in arguments.precisions:
            with tempfile.TemporaryDirectory() as folder:
                found = child(sys.executable, __file__, *common, "--paint", precision, folder)
                if arguments.peer:
                    files = [file for _, file in found["curve"]]
                    losses = child(arguments.peer, PEER, "score", *place, *files)
                    found["curve"] = [
                        (seconds, loss) for (seconds, _), loss in zip(found["curve"], losses, strict=True)
                    ]
            rounds[precision].append(found)
    tables = [over_bare(arguments, rounds)]
    if arguments.peer:
        tables.append(to_losses(arguments, rounds, peer))
    write(arguments.json, tables)


def over_bare(arguments: argparse.Namespace, rounds: dict[str, list[dict]]) -> Table:
    table = Table(
        f"A photo: {arguments.photo.name} at {arguments.size} px, {arguments.iterations} iterations, "
        f"medians of {arguments.rounds}; bare passes are forward and backward alone.",
        (
            ("precision", ""),
            ("seconds", ".1f"),
            ("over bare passes", ".3f"),
            ("peak memory, GiB", ".2f"),
            ("start-up, s", ".1f"),
        ),
    )
    for precision, found in rounds.items():
        figures = [
            median(one[name] for one in found) for name in ("seconds", "ratio", "peak_bytes", "startup_s")
        ]
        figures[2] /= 2**30
        table.add(precision, *figures)
    return table


def to_losses(arguments: argparse.Namespace, rounds: dict[str, list[dict]], peer: list[list[dict]]) -> Table:
    table = Table(
        "Seconds to the losses of pastiche, and how many times sooner; its own loss in float32, medians of "
        f"{arguments.rounds} alternating rounds; scored every {EACH} iterations.",
        (
            ("pastiche's steps", "d"),
            ("loss", ",.0f"),
            ("pastiche, s", ".1f"),
            *((f"{precision}{what}", ".1f") for precision in rounds for what in (", s", ", times sooner")),
        ),
    )
    for place, steps in enumerate(arguments.steps):
        # Each round against the losses of its own run of the peer.
        theirs = [one[place] for one in peer]
        cells: list[float | None] = []
        for found in rounds.values():
            ours = [reached(one["curve"], target["loss"]) for one, target in zip(found, theirs, strict=True)]
            if None in ours:
                cells += [None, None]
                continue
            ratios = [target["seconds"] / seconds for target, seconds in zip(theirs, ours, strict=True)]
            cells += [median(ours), median(ratios)]
        table.add(
            steps, median(one["loss"] for one in theirs), median(one["seconds"] for one in theirs), *cells
        )
    return table


if __name__ == "__main__":
    main()
