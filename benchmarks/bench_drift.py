"""Drift of a painting over long shots, and detail of the areas that a pan reveals.

    python bench_drift.py PHOTO [--scenes still grain pan zoom focus away strip] [--frames 200] [--size 160]
        [--temporal-weight X] [--passes N] [--keep FOLDER]

Shots are drawn from a photo and painted by the pipeline itself, with default options:
- still: the same image, but for a faint rounding noise that keeps frames from being equal;
- grain: with film grain of 3 levels of 255, new in each frame;
- pan: a camera that moves by 0.37 pixels per frame;
- zoom: one that comes nearer by 0.15% per frame, to an image that grows soft as it does;
- focus: the same to one that stays sharp, as through a lens;
- away: that one backwards;
- strip: a pan of 3 pixels per frame over 40 frames; the area that it revealed next to the rest, in the last
  frame, and next to the same parts of that frame painted alone.
Means are in levels of 255 and sharpness (variance of the Laplacian) is relative, against the first painted
frame; next to the pan's and the zooms' stands the source's own, whose image changes too.
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import imageio.v3 as iio
import numpy as np

import vidstyle
from vidstyle.media.frame_png import quantize, write_frame
from vidstyle.motion.stability import sharpness
from vidstyle.style_transfer import StyleTransfer

SAMPLES = Path(__file__).parents[1] / "samples"
STRIP_FRAMES, STRIP_PX = 40, 3


def drawn(photo: np.ndarray, scene: str, index: int, size: tuple[int, int], count: int) -> np.ndarray:
    """Frame of a scene, [H, W, 3] in [0, 1]."""
    width, height = size
    photo_height, photo_width, _ = photo.shape
    margin_px = {"pan": 0.37 * count, "strip": STRIP_PX * count}.get(scene, 0.0)
    scale = min((width + margin_px) / photo_width, 1.0)
    scale = max(scale, height / photo_height)
    shift = {"pan": 0.37, "strip": STRIP_PX}.get(scene, 0.0) * index
    zoom = 1.0015 ** {"zoom": index, "focus": index, "away": count - 1 - index}.get(scene, 0)
    # Where a pixel of the frame lies in the photo.
    centre = np.array([width, height]) / 2
    matrix = np.array(
        [
            [1 / (scale * zoom), 0, (centre[0] * (1 - 1 / zoom) + shift) / scale],
            [0, 1 / (scale * zoom), centre[1] * (1 - 1 / zoom) / scale],
        ]
    )
    # How large the photo's finest is: a lens shows it anew as it comes nearer.
    seen = scale if scene == "zoom" else scale * zoom
    smooth = cv2.GaussianBlur(photo, (0, 0), max(0.5 / seen - 0.3, 0.01))
    frame = cv2.warpAffine(
        smooth,
        matrix,
        size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    levels = {"grain": 3.0, "strip": 0.0}.get(scene, 0.3)
    frame = frame + np.random.default_rng(index).normal(0, levels / 255, frame.shape)
    return (np.rint(np.clip(frame, 0, 1) * 255) / 255).astype(np.float32)


def painted(frames: list[np.ndarray], folder: Path, options: vidstyle.Options, style: Path):
    """Paint a shot as a film of PNG frames; figures of its frames, and the frames."""
    (folder / "in").mkdir()
    for index, frame in enumerate(frames):
        write_frame(folder / "in" / f"{index:04d}.png", frame)
    result = vidstyle.stylize(folder / "in" / "%04d.png", style, folder / "out", options=options)
    written = sorted((folder / "out").glob("*.png"))
    images = [np.float32(iio.imread(path)) / 255 for path in written]
    return result.per_frame, images


def shrunk(picture: Path, longer_side: int) -> np.ndarray:
    """Read an image at the size that vidstyle uses for a style."""
    image = iio.imread(picture, mode="RGB", rotate=True)
    height, width = (round(side * longer_side / max(image.shape)) for side in image.shape[:2])
    return np.ascontiguousarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photo", type=Path)
    parser.add_argument(
        "--scenes", nargs="+", default=["still", "grain", "pan", "zoom", "focus", "away", "strip"]
    )
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--iterations", type=int, default=vidstyle.PaintOptions.iterations)
    parser.add_argument("--temporal-weight", type=float, default=vidstyle.PaintOptions.temporal_weight)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    photo = np.float32(iio.imread(arguments.photo, mode="RGB", rotate=True)) / 255
    options = vidstyle.Options(
        paint=vidstyle.PaintOptions(
            iterations=arguments.iterations, temporal_weight=arguments.temporal_weight
        ),
        motion=vidstyle.MotionOptions(passes=arguments.passes),
        source=vidstyle.SourceOptions(size=vidstyle.Size(arguments.size), cuts=vidstyle.Cuts(())),
    )
    size = arguments.size, round(arguments.size * 2 / 3)
    print(
        "| scene | frames | iterations | farthest mean | last mean (red, green, blue) | sharpness | source's "
        "| style, last over first | warping error | source's |\n|---|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    for scene in arguments.scenes:
        count = STRIP_FRAMES if scene == "strip" else arguments.frames
        frames = [drawn(photo, scene, index, size, count) for index in range(count)]
        with tempfile.TemporaryDirectory() as folder:
            figures, images = painted(frames, Path(folder), options, arguments.style)
        means = 255 * np.array([image.mean(axis=(0, 1)) for image in images])
        if scene not in {"still", "grain"}:
            means -= 255 * np.array([frame.mean(axis=(0, 1)) for frame in frames])
        drift = means - means[0]
        sharp = np.array([sharpness(image) for image in images]) / sharpness(images[0])
        own = np.array([sharpness(frame) for frame in frames]) / sharpness(frames[0])
        errors = [figure.warping_error for figure in figures[1:]]
        floors = [figure.warping_error_source for figure in figures[1:]]
        losses = [figure.loss["style"] for figure in figures if figure.loss]  # Not of filled frames.
        cells = [
            scene,
            count,
            f"{np.mean([figure.iterations for figure in figures[1:]]):.1f}",
            f"{np.abs(drift).max():.2f}",
            ", ".join(f"{value:+.2f}" for value in drift[-1]),
            f"{sharp.min():.2f} to {sharp.max():.2f}, last {sharp[-1]:.2f}",
            f"last {own[-1]:.2f}",
            f"{losses[-1] / losses[0]:.2f}",
            f"{np.mean(errors):.6f}",
            f"{np.mean(floors):.6f}",
        ]
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
        # The last frame may show another part of the scene: it is compared with itself, painted alone.
        painter = StyleTransfer(shrunk(arguments.style, arguments.size), options.paint)
        alone = quantize(painter.paint(frames[-1]).image)
        new_px = STRIP_PX * (count - 1)
        parts = (
            {"uncovered": np.s_[:, -new_px:], "rest": np.s_[:, :-new_px]}
            if scene == "strip"
            else {"last": np.s_[:]}
        )
        for name, part in parts.items():
            crops = [np.ascontiguousarray(image[part]) for image in (images[-1], alone, frames[-1])]
            sharps = ", ".join(f"{sharpness(crop):.5f}" for crop in crops)
            means = "; ".join(
                " ".join(f"{255 * mean:.1f}" for mean in crop.mean(axis=(0, 1))) for crop in crops[:2]
            )
            losses = ", ".join(f"{painter.painter.measure(crop, painter.style):,.0f}" for crop in crops[:2])
            print(
                f"  {name}: sharpness carried, alone, source {sharps}; style loss {losses}; means {means}",
                flush=True,
            )
        if arguments.keep:
            arguments.keep.mkdir(parents=True, exist_ok=True)
            for index in (0, count // 2, count - 1):
                write_frame(arguments.keep / f"{scene}-{index:03d}.png", images[index])


if __name__ == "__main__":
    main()
