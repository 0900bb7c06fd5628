"""What a painted frame hands to later ones, and how that is kept beside its picture."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from vidstyle.events import Losses
from vidstyle.imaging.types import Image
from vidstyle.motion.flow import Motion

SETTLED = 2
"""Frames after which what was uncovered is held like the rest: longer, and it is seen to change."""


@dataclass(frozen=True)
class FrameState:
    """A painted frame, rounded as it is stored, and what it hands to later ones."""

    image: Image
    gamma: float = 0.0
    standard: tuple[float, float] | None = None
    """Content and style loss of the shot's first frame, as good as which the others are to be."""
    age: Image | None = None
    """Frames since each pixel was uncovered, [H, W], at most SETTLED; None where all are."""
    firmness: float = 1.0
    """Share of the temporal weight that the next frame is held by."""
    detail: float = 0.0
    """That of the shot's first frame, by `motion.stability`; 0 where it is not known."""
    told: Callable[[], Losses] | None = None
    """Finds its losses, which nobody waits for; None where nothing was painted."""

    @property
    def losses(self) -> Losses | None:
        """Its losses, found now if they are not yet."""
        return self.told() if self.told else None


class Reference(NamedTuple):
    """A frame that another is carried from."""

    painted: FrameState
    motion: Motion
    """Of the frame that is painted, since this one."""
    distance: int
    """Frames between the two, at least 1."""


_PLAIN = ("gamma", "firmness", "detail")


def packed(frame: FrameState) -> dict[str, Any]:
    """Write what a frame hands on, but for its picture, as JSON has it."""
    age = None
    if frame.age is not None:
        age = [*frame.age.shape, b64encode(zlib.compress(frame.age.astype(np.uint8).tobytes())).decode()]
    losses = frame.losses and dict(frame.losses)
    plain = {name: getattr(frame, name) for name in _PLAIN}
    return {**plain, "standard": frame.standard, "age": age, "losses": losses}


def unpacked(image: Image, carry: Mapping[str, Any]) -> FrameState:
    """Read back what `packed` gave, with the picture that belongs to it."""
    age = None
    if carry["age"]:
        *shape, text = carry["age"]
        age = np.frombuffer(zlib.decompress(b64decode(text)), np.uint8).reshape(shape).astype(np.float32)
    standard = tuple(carry["standard"]) if carry["standard"] else None
    losses = Losses(**carry["losses"]) if carry["losses"] else None
    plain = {name: carry[name] for name in _PLAIN}
    return FrameState(image, standard=standard, age=age, told=(lambda: losses) if losses else None, **plain)
