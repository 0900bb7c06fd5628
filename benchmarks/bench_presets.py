"""Presets on a real photo: the loss at the start and at the end, by each source's own formula.

    python bench_presets.py PHOTO [--style FILE] [--presets NAME ...] [--most STEPS] [--size N]
        [--vgg16 FILE] [--keep FOLDER]

Each is painted at its own size for its own number of steps, or for `--most` of them. The formulas are
computed in NumPy from features in float32, independently of the objective that is minimised. The preset of
VGG-16 is left out without a file of its weights. Where a style image has another number of pixels than the
photo, a source that divides sums by the size of an image weights it differently from one that takes means, so
the style is resized to the photo's size, as those programs do.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from vidstyle.media.frame_png import write_frame
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.optimize.monitor import Monitor, SnapshotCallback
from vidstyle.neural.painter import OptimizingPainter
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import MachineOptions
from vidstyle.options.layers import Network
from vidstyle.options.text import preset
from vidstyle.options.values import Init, InitKind

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.reference_losses import SOURCES

SAMPLES = Path(__file__).parents[1] / "samples"
SOON = 20
"""Steps after which the loss is also reported: the first round of the preset that paints in rounds."""


def sized(path: Path, size: tuple[int, int]) -> np.ndarray:
    return (
        np.asarray(Image.open(path).convert("RGB").resize(size, Image.Resampling.LANCZOS), np.float32) / 255
    )


def row(name: str, arguments: argparse.Namespace) -> list[str]:
    """Paint by a preset; return the cells of its row."""
    options = preset(name)
    objective, paint = options.objective, options.paint
    file = arguments.vgg16 if objective.network is Network.VGG16 else None
    longer = arguments.size or options.source.size.longer_side
    own = Image.open(arguments.photo).size
    size = tuple(round(side * min(1, longer / max(own))) for side in own)
    photo, style = sized(arguments.photo, size), sized(arguments.style, size)
    start = photo
    if paint.init == Init(InitKind.NOISE):
        start = np.random.default_rng([paint.seed, 0]).random(photo.shape, np.float32)
    steps = min(paint.first_iterations, arguments.most or paint.first_iterations)
    painter = OptimizingPainter(paint, MachineOptions(weights=file), objective)
    seen: list[np.ndarray] = [] if paint.optimizer != "scipy" else [start]

    def keep(image: np.ndarray) -> None:
        if len(seen) < 2:
            seen.append(np.clip(image, 0, 1))

    targets = FrameTargets(photo, painter.prepare([style]))
    monitor = Monitor(snapshots=SnapshotCallback(SOON, keep))
    painted = painter.paint(targets, WarmStart(start), iterations=steps, monitor=monitor)
    encoder = Encoder(load_weights(file, objective.network), objective.layers, pooling=objective.pooling)

    def features(image: np.ndarray) -> dict[str, np.ndarray]:
        return {layer: np.asarray(found, np.float64) for layer, found in encoder(image).items()}

    compared = features(photo), features(style)

    def loss(image: np.ndarray) -> float:
        return float(SOURCES[name](features(image), *compared, image))

    first, soon, last = (loss(image) for image in (start, seen[1], painted.image))
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        write_frame(arguments.keep / f"{name}.png", painted.image)
    return [
        name,
        " x ".join(map(str, size)),
        f"{painted.iterations} of {paint.first_iterations}",
        f"{first:.4g}",
        f"{soon:.4g}",
        f"{last:.4g}",
        f"{first / last:.3g}",
        f"{soon / last:.3g}",
        f"{painted.losses.total / last - 1:+.1e}",
        f"{painted.seconds:.0f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photo", type=Path)
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--presets", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--most", type=int)
    parser.add_argument("--size", type=int)
    parser.add_argument("--vgg16", type=Path)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    print(
        f"| preset | size | steps | loss at the start | after {SOON} | at the end "
        f"| start over end | {SOON} over end "
        "| vidstyle's loss beside it | seconds |\n|---|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    for name in arguments.presets:
        if preset(name).objective.network is Network.VGG16 and arguments.vgg16 is None:
            print(f"{name}: no weights of VGG-16 were given (--vgg16 FILE)", file=sys.stderr)
            continue
        print("| " + " | ".join(row(name, arguments)) + " |", flush=True)


if __name__ == "__main__":
    main()
