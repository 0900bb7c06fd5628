"""Optical flow against the truth: end-point error and time of each way to compute it, as a Markdown table.

    python bench_flow.py [PLACE ...]

Pairs are drawn from real photos, whose second view is sampled along a flow that is known exactly: pans,
zooms, and a patch that moves over a moving background, all with camera noise. The photos are those given
(.png, .jpg) and those of the folders given, by default `samples/`; a folder with `rubberwhale1.png` and
`rubberwhale2.png` (Debian's opencv-doc) adds the mean warping error on that pair, for which the true flow is
not at hand. A second table is of frames further apart: flow between the two against that of each step between
them, one after the other.
"""

import functools
import itertools
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from vidstyle.motion.camera import fit_camera_motion
from vidstyle.motion.flow import FARNEBACK, compose

SIZES = (320, 512)
NOISE = 2.0  # Of 255: what a camera adds to each of two pictures.
PRESETS = {
    "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}


def methods():
    for (name, preset), scale, refined in itertools.product(PRESETS.items(), (2, 1, 0), (True, False)):
        yield (
            f"DIS {name}, finest scale {scale}{'' if refined else ', not refined'}",
            dis(preset, scale, refined),
        )
    for scale in (1, 0):
        yield (
            f"DIS medium, finest scale {scale}, 10 refinements, 25 descents",
            dis(PRESETS["medium"], scale, True, 10, 3, 25),
        )
    yield (
        "Farneback",
        lambda a, b: cv2.calcOpticalFlowFarneback(a, b, np.zeros((*a.shape, 2), np.float32), **FARNEBACK),
    )


def dis(preset, scale, refined, steps=None, stride=None, descents=None):
    def flow(one, other):
        method = cv2.DISOpticalFlow.create(preset)
        if scale is not None:
            method.setFinestScale(scale)
        if not refined:
            method.setVariationalRefinementIterations(0)
        if steps:
            method.setVariationalRefinementIterations(steps)
        if stride:
            method.setPatchStride(stride)
        if descents:
            method.setGradientDescentIterations(descents)
        return method.calc(one, other, None)

    return flow


def grid(width, height):
    return np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)


def views(photo, size):
    """Yield pairs (name, origin, target, flow, seen): origin(p) = target(p + flow(p)) where `seen`."""
    scale = size / 0.7 / max(photo.shape[:2])
    large = cv2.resize(
        photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    width = size
    height = min(size * 9 // 16, large.shape[0])
    points, margin = (
        grid(width, height),
        np.float32([(large.shape[1] - width) / 2, (large.shape[0] - height) / 2]),
    )
    centre = np.float32([width / 2, height / 2])

    def sampled(at):
        return cv2.remap(large, at + margin, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)

    for dx, dy in ((0.3, 0), (1.7, 0.6), (6.4, -1.3), (15.2, 4.1)):
        # The target shows at p what the origin shows at p - d.
        flow = np.broadcast_to(np.float32([dx, dy]), points.shape)
        yield "pan", sampled(points), sampled(points - flow), flow, inside(points + flow)
    for zoom in (1.01, 1.04):
        flow = (points - centre) * np.float32(zoom - 1)
        yield (
            "zoom",
            sampled(points),
            sampled((points - centre) / np.float32(zoom) + centre),
            flow,
            inside(points + flow),
        )
    # A round patch of the same photo moves over a ground that pans.
    patch, ground = np.float32([5.3, -2.4]), np.float32([-1.2, 0.4])
    radius = height / 4

    def disc(at):
        return np.square(at - centre).sum(axis=-1) < radius**2

    other = np.float32([margin[0] * 0.8, 0])
    origin = np.where(disc(points), sampled(points + other), sampled(points))
    target = np.where(disc(points - patch), sampled(points - patch + other), sampled(points - ground))
    flow = np.where(disc(points)[..., None], patch, ground)
    hidden = ~disc(points) & disc(points + ground - patch)
    yield "patch", origin, target, flow, inside(points + flow) & ~hidden


def inside(points):
    height, width = points.shape[:2]
    return (points >= 0).all(axis=-1) & (points[..., 0] <= width - 1) & (points[..., 1] <= height - 1)


def noisy(image, noise):
    return np.clip(np.rint(image + noise.normal(0, NOISE, image.shape)), 0, 255).astype(np.uint8)


def photos(places):
    files = [file for place in places for file in (sorted(place.iterdir()) if place.is_dir() else [place])]
    for path in files:
        if path.suffix in {".png", ".jpg"} and not path.stem.startswith("rubberwhale"):
            photo = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            if photo is not None and min(photo.shape) >= 200:
                yield photo.astype(np.float32)


def whale(folders):
    for folder in folders:
        if (folder / "rubberwhale1.png").exists():
            return [cv2.imread(str(folder / f"rubberwhale{n}.png"), cv2.IMREAD_GRAYSCALE) for n in (1, 2)]
    return None


def warping(one, other, flow):
    points = grid(one.shape[1], one.shape[0]) + flow
    carried = cv2.remap(other, points, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return float(np.abs(carried.astype(np.float32) - one)[inside(points)].mean())


FURTHER = (2, 4)
"""Frames between the two whose flow is found directly, and step by step."""


def shots(photo, size):
    """Yield short shots (name, frames, truth).

    truth(t) is the flow from the first frame to the one at t, and the mask of the pixels visible in both.
    """
    scale = size / 0.6 / max(photo.shape[:2])
    large = cv2.resize(
        photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    width, height = size, min(size * 9 // 16, large.shape[0])
    points, centre = grid(width, height), np.float32([width / 2, height / 2])
    margin = np.float32([(large.shape[1] - width) / 2, (large.shape[0] - height) / 2])
    times, radius = range(max(FURTHER) + 1), height / 4
    patch, ground, other = np.float32([3.3, -1.4]), np.float32([-0.8, 0.3]), np.float32([0.8 * margin[0], 0])

    def sampled(at):
        return cv2.remap(large, at + margin, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)

    def disc(at):
        return np.square(at - centre).sum(axis=-1) < radius**2

    def patched(t):
        flow = np.where(disc(points)[..., None], t * patch, t * ground)
        hidden = ~disc(points) & disc(points + t * ground - t * patch)
        return flow, inside(points + flow) & ~hidden

    for step in (np.float32([1.7, 0.6]), np.float32([4.4, -1.3])):
        yield (
            "pan",
            [sampled(points - t * step) for t in times],
            lambda t, step=step: (np.broadcast_to(t * step, points.shape), inside(points + t * step)),
        )
    yield (
        "zoom",
        [sampled((points - centre) / np.float32(1.01**t) + centre) for t in times],
        lambda t: (flow := (points - centre) * np.float32(1.01**t - 1), inside(points + flow)),
    )
    frames = [
        np.where(disc(points - t * patch), sampled(points - t * patch + other), sampled(points - t * ground))
        for t in times
    ]
    yield "patch", frames, patched


def further(pictures):
    """Print the error of flow over several frames, found directly and composed of each step."""
    method, noise = dis(PRESETS["medium"], 0, True, 10), np.random.default_rng(0)
    print("\n| shot | size | frames apart | directly | step by step |\n|---|---|---|---|---|")
    errors = {}
    for size, photo in itertools.product(SIZES, pictures):
        for kind, frames, truth in shots(photo, size):
            noisily = [noisy(frame, noise) for frame in frames]
            steps = [method(one, other) for one, other in itertools.pairwise(noisily)]
            for apart in FURTHER:
                flow, seen = truth(apart)
                found = method(noisily[0], noisily[apart]), functools.reduce(compose, steps[:apart])
                errors.setdefault((kind, size, apart), []).append(
                    [np.linalg.norm(one - flow, axis=-1)[seen].mean() for one in found]
                )
    for key, pairs in errors.items():
        means = " | ".join(f"{mean:.3f}" for mean in np.mean(pairs, axis=0))
        print(f"| {' | '.join(map(str, key))} | {means} |")


def main(places, most=8):
    pictures, pair = list(itertools.islice(photos(places), most)), whale(places)
    noise = np.random.default_rng(0)
    cases = {
        size: [
            (kind, noisy(origin, noise), noisy(target, noise), flow, seen)
            for photo in pictures
            for kind, origin, target, flow, seen in views(photo, size)
        ]
        for size in SIZES
    }
    kinds = ("pan", "zoom", "patch")
    heads = [f"{size}: {word}" for size in SIZES for word in (*kinds, "all", "with camera", "ms")]
    print(f"Mean end-point error in pixels, {len(pictures)} photos; time of one flow.\n")
    print(f"| flow | {' | '.join(heads)} |{' RubberWhale: mean warping error of 255 |' if pair else ''}")
    print("|---" * (len(heads) + 1 + bool(pair)) + "|")
    for name, method in methods():
        cells = []
        for size in SIZES:
            errors, camera, spent = {kind: [] for kind in kinds}, [], 0.0
            for kind, origin, target, truth, seen in cases[size]:
                began = time.perf_counter()
                flow = method(origin, target)
                spent += time.perf_counter() - began
                errors[kind].append(np.linalg.norm(flow - truth, axis=-1)[seen].mean())
                camera.append(
                    np.linalg.norm(fit_camera_motion(origin, target, flow)[0] - truth, axis=-1)[seen].mean()
                )
            means = [np.mean(errors[kind]) for kind in kinds] + [
                np.mean([*itertools.chain(*errors.values())]),
                np.mean(camera),
            ]
            cells += [f"{mean:.3f}" for mean in means] + [f"{1000 * spent / len(camera):.1f}"]
        if pair:
            cells.append(f"{warping(*pair, method(*pair)):.2f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    further(pictures)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [Path(__file__).parents[1] / "samples"])
