"""What a painted frame hands to the next one.

Its picture, carried along by the motion and trusted where the motion is (Ruder et al. 2016, sections 4.1 and 4.2); the
age of its pixels, so that what was uncovered lately is painted as richly as the rest; the losses that are good enough.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.events import Losses
from vidstyle.media.frames import quantize
from vidstyle.motion.flow import Motion, recolored, warp

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.painter import Painted

Image = NDArray[np.float32]

MATURE = 12
"""Frames in which what was uncovered is to become as rich as the rest."""
SETTLED = 2
"""Frames after which it is held like the rest: longer, and it is seen to change."""
FEW = 0.002
"""Share of new pixels below which they are not worth a style loss of their own."""
STANDARD = 1.02
"""How near to its shot's first frame a frame's losses must come."""


@dataclass(frozen=True)
class Finished:
    """A painted frame, rounded as it is stored, and what it hands to the next."""

    image: Image
    gamma: float = 0.0
    standard: tuple[float, float] | None = None
    """Content and style loss of the shot's first frame, as good as which the others are to be."""
    age: Image | None = None
    """Frames since each pixel was uncovered, [H, W], at most MATURE; None where all are."""
    losses: Losses | None = None
    """None where nothing was painted."""


def carried(source: Image, motion: Motion, previous: Finished) -> dict[str, Any]:
    """Say what a frame takes over from its predecessor, as arguments of `Painter.paint`."""
    warped, kept = warp(previous.image, motion.backward_flow), motion.kept[..., None]
    # Where nothing is kept nothing is known of the painting: it begins with the source in its colours.
    start = kept * warped + (1 - kept) * recolored(source, warped, motion.trust)
    age = _aged(previous.age, motion)
    young = 1 - age / np.float32(MATURE)
    few = float(young.mean()) < FEW
    return {
        "start": start,
        "warped": warped,
        # What is new is free to change for a few frames.
        "trust": motion.trust * motion.kept * np.minimum(age / np.float32(SETTLED), 1),
        "young": None if few else young,
        "gamma": previous.gamma,
        # A few new pixels do not show in the losses of the whole.
        "standard": previous.standard if few else None,
    }


def _aged(age: Image | None, motion: Motion, step: int = 1) -> Image:
    """Frames since each pixel was uncovered, carried to this frame, [H, W] in [0, MATURE]."""
    before = (
        np.full(motion.kept.shape, MATURE, np.float32) if age is None else warp(age, motion.backward_flow)
    )
    return np.asarray(motion.kept * np.minimum(before + step, MATURE), np.float32)


def finished(
    source: Image, motion: Motion | None, previous: Finished | None, painted: "Painted | None"
) -> Finished:
    """Put together what a frame hands on, from what it was handed and how it was painted; None copies it."""
    if painted is None:
        return Finished(quantize(source))
    image = quantize(painted.image)
    if previous is None or motion is None:
        standard = (STANDARD * painted.losses.content, STANDARD * painted.losses.style)
        return Finished(image, painted.gamma, standard, losses=painted.losses)
    # Nothing has matured that was not painted. Rounded as it is stored, so that a resumed run goes on from the same.
    age = np.rint(_aged(previous.age, motion, step=min(painted.iterations, 1)))
    return Finished(
        image, painted.gamma, previous.standard, None if age.min() >= MATURE else age, painted.losses
    )


def packed(frame: Finished) -> dict[str, Any]:
    """Write what a frame hands on, but for its picture, as JSON has it."""
    age = None
    if frame.age is not None:
        age = [*frame.age.shape, b64encode(zlib.compress(frame.age.astype(np.uint8).tobytes())).decode()]
    losses = frame.losses and asdict(frame.losses)
    return {"gamma": frame.gamma, "standard": frame.standard, "age": age, "losses": losses}


def unpacked(image: Image, carry: Mapping[str, Any]) -> Finished:
    """Read back what `packed` gave, with the picture that belongs to it."""
    age = None
    if carry["age"]:
        *shape, text = carry["age"]
        age = np.frombuffer(zlib.decompress(b64decode(text)), np.uint8).reshape(shape).astype(np.float32)
    standard = tuple(carry["standard"]) if carry["standard"] else None
    losses = Losses(**carry["losses"]) if carry["losses"] else None
    return Finished(image, carry["gamma"], standard, age, losses)
