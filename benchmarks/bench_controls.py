"""Stability of films painted with each control, against the default.

    python bench_controls.py CLIP [--style FILE] [--second FILE] [--frames N] [--size N]
        [--controls NAME ...] [--keep FOLDER]

One row per control: the first frames of the clip, painted by the command line and measured as they are shown,
without loss; next to it the ratio to the default's warping error. A control that uses a second style is also
compared with that style painted alone, which may be less stable than the first; by default it is the first,
rotated and in other colours. The mask is the left half, with a hard edge, or moves with the content: the
clip's own brightness. A style fades into the second one in five seconds, or, as a control of its own, in as
few frames as are painted.
"""

import argparse
import os
import shlex
import tempfile
from pathlib import Path

import imageio.v3 as iio
import numpy as np

from vidstyle.cli.app import main as vidstyle
from vidstyle.media.video.probe import probe_video
from vidstyle.options.groups import Options, SourceOptions
from vidstyle.options.values import Cuts, Time
from vidstyle.pipeline.measure.measure import Measurement, measure_film

SAMPLES = Path(__file__).parents[1] / "samples"
ONE = "--style a.png"
CONTROLS = {
    "default": ONE,
    "the second style": "--style b.png",
    "--mask": f"{ONE} --mask half.png",
    "--mask, a film": f"{ONE} --mask {{clip}}",
    "a style a region": "--style a.png@half.png --style b.png",
    "--colors source": f"{ONE} --colors source",
    "--colors match": f"{ONE} --colors match",
    "--colors luminance": f"{ONE} --colors luminance",
    "two styles": "--style a.png --style b.png",
    "--style-at, 5 s": "--style-at 0=a.png --style-at 5=b.png",
    "--style-at, all frames": "--style-at 0=a.png --style-at {end}=b.png",
    "--strength-at": f"{ONE} --strength-at 0=1 --strength-at {{end}}=0.3",
    "--protect": f"{ONE} --protect half.png",
    "--gram covariance": f"{ONE} --gram covariance",
    "--pooling avg": f"{ONE} --pooling avg",
}


def painted(clip: Path, words: str, result: Path, arguments: argparse.Namespace) -> Measurement:
    """Paint by a command line, and measure the result."""
    how = f"--size {arguments.size} --end {arguments.frames}f --cuts off --codec ffv1 --overwrite --quiet"
    if vidstyle([str(clip), *shlex.split(f"{words} {how}"), "-o", str(result)]) != 0:
        raise SystemExit(1)
    source = SourceOptions(end=Time(frame=arguments.frames), cuts=Cuts(()))
    return measure_film(clip, result, [Path("a.png")], Options(source=source))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("clip", type=Path)
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--second", type=Path)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--controls", nargs="+", choices=CONTROLS, default=list(CONTROLS))
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    video = probe_video(arguments.clip)
    end = f"{float(video.timestamps[arguments.frames - 1]):.3f}"
    print("| control | warping error | over the default's | over the second style's | style loss |")
    print("|---|---|---|---|---|", flush=True)
    errors: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        room = (arguments.keep or Path(temporary)).absolute()
        room.mkdir(parents=True, exist_ok=True)
        mask = np.zeros((video.height, video.width), np.uint8)
        mask[:, : video.width // 2 + 1] = 255
        iio.imwrite(room / "half.png", mask)
        first = iio.imread(arguments.style, mode="RGB")
        second = iio.imread(arguments.second, mode="RGB") if arguments.second else first[::-1, ::-1, ::-1]
        iio.imwrite(room / "a.png", first)
        iio.imwrite(room / "b.png", second)
        clip = arguments.clip.absolute()
        os.chdir(room)
        for number, name in enumerate(dict.fromkeys(["default", *arguments.controls])):
            found = painted(
                clip,
                CONTROLS[name].format(end=end, clip=shlex.quote(str(clip))),
                Path(f"{number:02d}.mkv"),
                arguments,
            )
            errors[name] = error = found.figures.warping_error
            shares = (error / errors[other] if other in errors else None for other in list(CONTROLS)[:2])
            cells = [name, f"{error:.6f}", *("" if share is None else f"{share:.2f}" for share in shares)]
            print("| " + " | ".join([*cells, f"{found.style_loss:,.0f}"]) + " |", flush=True)


if __name__ == "__main__":
    main()
