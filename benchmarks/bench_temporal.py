"""Effect of each option on the stability of films: each clip painted with each of them, next to the defaults.

    python bench_temporal.py CLIP [CLIP ...] [--style FILE] [--frames N] [--size N]
        [--options "--NAME VALUE ..." ...] [--keep FOLDER] [--json FILE]

One row per clip and choice of options: iterations of all passes and seconds of painting for each frame, the
mean style loss, the warping error between neighbours and between frames ten apart, each as it is and over the
source's own, and how visible independent motion still is: the correlation of lightness, in source and
painting, where the motion is not that of most of the image.
"""

import json
import statistics
import subprocess
import tempfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from tables import SAMPLES, Table, command_of, parser_of, write

from vidstyle.media.geometry import FrameSize
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.motion.flow import find_flows

APART_PX = 0.7
"""What moves otherwise than most of the picture by more than this a frame moves by itself."""
AROUND_PX = 2
"""Its surroundings, against which it is seen."""
FEW_PX = 30
"""Fewer pixels do not tell."""
TRIED = (
    "",
    "--temporal-weight 0",
    "--temporal-weight 0.3",
    "--temporal-weight 3",
    "--temporal-frames 1,2,4",
    "--passes 2 --iterations 20",
    "--passes 2",
    "--iterations 10",
    "--iterations 20",
    "--stop-below 0",
    "--style-weight 3",
    "--content-weight 0.3",
    "--flow farneback",
    "--init source",
)


def painted(clip: Path, chosen: str, style: Path, frames: int, size: int, folder: Path) -> dict:
    """Paint the first frames of a clip; return its entry of `--stats`."""
    stats = folder / "stats.json"
    result = folder / f"{clip.stem}{chosen.replace('--', '-').replace(' ', '')}.mp4"
    words = [clip, "--style", style, "-o", result, "--size", size, "--end", f"{frames}f", *chosen.split()]
    command = command_of(*words, "--stats", stats, "--overwrite", "--quiet")
    subprocess.run(command, check=True)
    return json.loads(stats.read_text())["jobs"][0]


def likeness(clip: Path, result: Path, frames: int) -> float | None:
    """Correlate lightness in source and painting where something moves independently of the camera.

    The result is a mean over frames, or None without such motion.
    """
    painted = probe_video(result)
    size = FrameSize(painted.width, painted.height, painted.pixel_aspect)
    with VideoReader(probe_video(clip), size, 0, frames) as one, VideoReader(painted, size, 0, frames) as two:
        sources, images = list(one), list(two)
    found = []
    for (before, now), image in zip(pairwise(sources), images[1:], strict=True):
        flow = find_flows(before, now).backward
        apart = np.linalg.norm(flow - np.median(flow, axis=(0, 1)), axis=-1) > APART_PX
        moving = cv2.dilate(apart.astype(np.uint8), np.ones((2 * AROUND_PX + 1,) * 2)) > 0
        if moving.sum() >= FEW_PX:
            seen = [
                cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1)[moving]
                for picture in (now, image)
            ]
            found.append(float(np.corrcoef(*seen)[0, 1]))
    return statistics.fmean(found) if found else None


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
        f"The first {arguments.frames} frames of each clip at {arguments.size} px, "
        f"in the style of {arguments.style.name}.",
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
            ("likeness of what moves", ".3f"),
        ),
    )
    for clip in arguments.clips:
        for chosen in arguments.options:
            with tempfile.TemporaryDirectory() as temporary:
                folder = arguments.keep or Path(temporary)
                done = painted(
                    clip.absolute(), chosen, arguments.style, arguments.frames, arguments.size, folder
                )
                like = likeness(clip, Path(done["output"]), arguments.frames)
            frames, far = done["per_frame"], done["warping_error_10"]
            error = mean(frame["warping_error"] for frame in frames)
            table.add(
                clip.stem,
                f"`{chosen}`" if chosen else "defaults",
                mean(frame["iterations"] for frame in frames),
                (done["stages"]["paint"] + done["stages"]["wait"]) / len(frames),
                mean(frame["loss"]["style"] for frame in frames if frame["loss"]),
                error,
                error / mean(frame["warping_error_source"] for frame in frames),
                far,
                None if far is None else far / done["warping_error_10_source"],
                like,
            )
    write(arguments.json, [table])


if __name__ == "__main__":
    main()
