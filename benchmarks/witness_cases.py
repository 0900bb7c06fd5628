"""Cases of the witness: command lines, moments at which a run is stopped, and inputs, which are drawn.

A command line is run in a folder next to `in`, which holds the inputs. Its result is `out.png`, `out.mkv` or
the like, or the files in `out`.
"""

import re
import signal
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[Any]
WIDTH, HEIGHT = 96, 64
"""Size of the films, in pixels."""
COARSE_ITERATIONS = 240
"""Iterations of the smaller of two sizes, where a photo is interrupted while its larger size is painted."""

_A = "--style ../in/a.png"
_FEW = "--first-iterations 3 --iterations 2"
_LOSSLESS = "-o out.mkv --codec ffv1"
_PHOTO = f"../in/photo.png {_A} -o out.png {_FEW}"
_PAN = f"../in/pan.mkv {_A} {_LOSSLESS} {_FEW}"

CASES = {
    "photo": f"{_PHOTO} --size 80",
    "photo-tiles": f"../in/large.png {_A} -o out.png {_FEW} --coarse-size 200 --tile 256",
    "photo-adam": f"{_PHOTO} --optimizer adam",
    "photo-scipy": f"{_PHOTO} --optimizer scipy",
    "photo-colors-match": f"{_PHOTO} --colors match",
    "photo-colors-luminance": f"{_PHOTO} --colors luminance",
    "photo-colors-source": f"{_PHOTO} --colors source --strength 0.7",
    "photo-laplacian": f"{_PHOTO} --laplacian-weight 1",
    "photo-noise": f"{_PHOTO} --init noise --seed 3",
    "photo-covariance": f"{_PHOTO} --gram covariance --tv absolute --init style --style-scale 0.5"
    " --style-crop 8,8,80,80",
    "preset-gatys": f"{_PHOTO} --preset gatys",
    "preset-ruder": f"{_PAN} --preset ruder --end 4f",
    # Its Adam overshoots at first, which after fewer iterations is an error.
    "preset-tf-tutorial": f"../in/photo.png {_A} -o out.png --first-iterations 12 --preset tf-tutorial",
    "preset-keras-vgg16": f"{_PHOTO} --preset keras-vgg16",  # An error: VGG-16 is not bundled.
    "preset-keras-on-vgg19": f"{_PHOTO} --preset keras-vgg16 --network vgg19",
    "preset-verydeep-adam": f"{_PHOTO} --preset verydeep-adam",
    "preset-cosine": f"{_PHOTO} --preset cosine",
    "film-cut": f"../in/cut.mkv {_A} -o out.mp4 {_FEW}",
    "film-cut-colors": f"../in/cut.mkv {_A} {_LOSSLESS} {_FEW} --colors match",
    "film-masks": f"../in/pan.mkv {_A}@../in/left.png --style ../in/b.png:2 {_LOSSLESS} {_FEW}"
    " --mask ../in/disc.png --protect ../in/spot.png",
    "film-style-at": f"../in/pan.mkv --style-at 0=../in/a.png --style-at 0.6=../in/b.png {_LOSSLESS} {_FEW}"
    " --strength-at 0=1 --strength-at 0.6=0.5",
    "film-passes": f"{_PAN} --passes 2",
    "film-temporal-frames": f"{_PAN} --temporal-frames 1,2,4",
    "film-previous": f"{_PAN} --init previous --flow farneback",
    "film-returns": f"../in/return.mkv {_A} {_LOSSLESS} {_FEW}",
    "album": f"../in/album {_A} -o out {_FEW}",  # One of its photos is damaged.
    "error-missing-input": f"../in/nowhere.png {_A} -o out.png",
    "error-missing-style": "../in/photo.png --style ../in/nowhere.png -o out.png",
    "error-no-style": "../in/photo.png -o out.png",
    "error-text-as-film": f"../in/text.mp4 {_A} -o out.mp4",
    "error-size": f"{_PHOTO} --size x",
    "error-output-is-input": f"../in/own.png {_A} -o ../in/own.png --overwrite",
    "error-output-exists": f"../in/photo.png {_A} -o ../in/taken.png",
    "error-contradiction": f"{_PHOTO} --style-at 0=../in/b.png",
    "error-preset": f"{_PHOTO} --preset nobody",
    "whole-film": f"../in/pan.mkv {_A} {_LOSSLESS} --first-iterations 60 --iterations 6 --stop-below 0",
    "whole-photo": f"../in/small.png {_A} -o out.png --coarse-size 40 --stop-below 0"
    f" --first-iterations {COARSE_ITERATIONS}",
}


class Stop(NamedTuple):
    """Stopping of a run: the case that is stopped, the moment, and the signals, which are sent one by one."""

    whole: str
    is_reached: Callable[[Path], bool]
    """Takes the run's folder."""
    signals: tuple[signal.Signals, ...] = (signal.SIGKILL,)


def stored_frames(folder: Path) -> list[Path]:
    """List the painted frames in the work folders below a folder, by their index."""
    found = (path for path in folder.rglob("*.png") if ".vidstyle" in path.parts and path.stem.isdigit())
    return sorted(found, key=lambda path: int(path.stem))


def _has_iterated(more_than: int, folder: Path) -> bool:
    iterations = re.findall(r'"iteration": (\d+)', (folder / "log.jsonl").read_text())
    return bool(iterations) and int(iterations[-1]) > more_than


def _has_stored(frames: int, folder: Path) -> bool:
    return len(stored_frames(folder)) >= frames


def _is_encoding(folder: Path) -> bool:
    return any(folder.rglob("*.mkv"))


STOPS = {
    "resume-first-frame": Stop("whole-film", partial(_has_iterated, 0)),
    "resume-carried-frame": Stop("whole-film", partial(_has_stored, 3)),
    "resume-encoding": Stop("whole-film", _is_encoding),
    # Two requests to stop leave a checkpoint of the frame.
    "resume-checkpoint": Stop(
        "whole-photo", partial(_has_iterated, COARSE_ITERATIONS), (signal.SIGTERM, signal.SIGTERM)
    ),
}


def draw_inputs(folder: Path) -> None:
    """Draw photos, styles, masks and films, the same ones each time."""
    (folder / "album").mkdir(parents=True)
    sizes = {"a": (96, 96), "b": (80, 96), "photo": (96, 72), "small": (64, 48), "large": (320, 96)}
    sizes |= {"own": (32, 32), "taken": (32, 32), "album/one": (96, 72), "album/two": (64, 80)}
    for seed, (name, size) in enumerate(sizes.items()):
        Image.fromarray(_texture(seed, *size)).save(folder / f"{name}.png")
    data = (folder / "photo.png").read_bytes()
    (folder / "album" / "damaged.png").write_bytes(data[: len(data) // 2])
    (folder / "text.mp4").write_text("A text, by its name a film.\n")
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    masks = {
        "left": 1.5 - 2 * x / WIDTH,
        "disc": 2.5 - np.hypot(x - 50, y - 32) / 12,
        "spot": 2 - np.hypot(x - 30, y - 30) / 8,
    }
    for name, mask in masks.items():
        Image.fromarray(np.uint8(255 * mask.clip(0, 1))).save(folder / f"{name}.png")
    pan, street, room = _pan(20, 2, 8), _pan(30, 1, 4), _pan(40, 1, 8)
    _write_film(folder / "pan.mkv", pan)
    _write_film(folder / "cut.mkv", [*pan[:5], pan[4], pan[4], *street])
    _write_film(folder / "return.mkv", [*room[:4], *street, *room[4:]])


def _texture(seed: int, width: int, height: int) -> Pixels:
    """Draw noise of four octaves, [height, width, 3], uint8."""
    rng, total = np.random.default_rng(seed), np.zeros((height, width, 3))
    for octave in range(4):
        cells = Image.fromarray(rng.integers(0, 256, (3 << octave, 4 << octave, 3), np.uint8))
        total += np.asarray(cells.resize((width, height), Image.Resampling.BICUBIC)) / 2**octave
    return np.asarray(255 * (total - total.min()) / np.ptp(total), np.uint8)


def _pan(seed: int, speed_px: int, frames: int) -> list[Pixels]:
    """Move a window over a texture, behind a strip that stays still and a square that moves the other way."""
    wide, still = _texture(seed, WIDTH + speed_px * frames, HEIGHT), _texture(seed + 1, WIDTH, 14)
    drawn = []
    for index in range(frames):
        left, top, side = 70 - 5 * index, 30, 14
        frame = wide[:, speed_px * index :][:, :WIDTH].copy()
        frame[top : top + side, left : left + side] = 255 - still[:, :side]
        frame[: len(still)] = still
        drawn.append(frame)
    return drawn


def _write_film(path: Path, frames: Iterable[Pixels]) -> None:
    with av.open(str(path), "w") as film:
        stream = film.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame in frames:
            film.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        film.mux(stream.encode())
