"""State of a painted frame, which is passed on to later frames, and its form in the journal."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from vidstyle.events import Losses
from vidstyle.imaging.types import Image, Mask
from vidstyle.motion.flow import Motion

SETTLE_FRAMES = 2
"""Frames after which a newly revealed area is held like the rest: longer, and it is seen to change."""


@dataclass(frozen=True)
class FrameState:
    """A painted frame, rounded as it is stored, and what it passes on to later ones."""

    image: Image
    hessian_scale: float = 0.0
    target_losses: tuple[float, float] | None = None
    """Content and style loss of the shot's first frame: the target for the others."""
    age: Mask | None = None
    """Frames since each pixel was revealed, [H, W], at most SETTLE_FRAMES; None if all have settled."""
    temporal_scale: float = 1.0
    """Share of the temporal weight that holds the next frame to this one."""
    detail: float = 0.0
    """Detail of the shot's first frame, by `motion.stability`; 0 if unknown."""
    lazy_losses: Callable[[], Losses] | None = None
    """Computes its losses, for which nothing waits; None if nothing was painted."""

    @property
    def losses(self) -> Losses | None:
        """Its losses, computed now unless they are known."""
        return self.lazy_losses() if self.lazy_losses else None


class Reference(NamedTuple):
    """A painted frame that another starts from."""

    painted: FrameState
    motion: Motion
    """Motion of the frame to be painted, relative to this one."""
    distance: int
    """Frames between the two, at least 1."""


_PLAIN = ("hessian_scale", "temporal_scale", "detail")


def to_json(state: FrameState) -> dict[str, Any]:
    """Write a state, except for its image, as JSON values."""
    age = None
    if state.age is not None:
        age = [*state.age.shape, b64encode(zlib.compress(state.age.astype(np.uint8).tobytes())).decode()]
    losses = state.losses and dict(state.losses)
    plain = {name: getattr(state, name) for name in _PLAIN}
    return {**plain, "target_losses": state.target_losses, "age": age, "losses": losses}


def from_json(image: Image, values: Mapping[str, Any]) -> FrameState:
    """Read back what `to_json` wrote, with the image that belongs to it."""
    age = None
    if values["age"]:
        *shape, text = values["age"]
        age = np.frombuffer(zlib.decompress(b64decode(text)), np.uint8).reshape(shape).astype(np.float32)
    target_losses = tuple(values["target_losses"]) if values["target_losses"] else None
    losses = Losses(**values["losses"]) if values["losses"] else None
    plain = {name: values[name] for name in _PLAIN}
    lazy_losses = (lambda: losses) if losses else None
    return FrameState(image, target_losses=target_losses, age=age, lazy_losses=lazy_losses, **plain)
