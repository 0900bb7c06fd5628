"""How firmly frames are held to their predecessors: as the options say, and less where a film is no stiller itself.

What is held fits its place less and less: carried by a hard motion, a painting becomes poorer from frame to frame. And how
still it keeps means something only beside the film itself (`motion.stability`), whose own frames differ by noise, by light,
and by motion that cannot be followed.
"""

from typing import TYPE_CHECKING

from vidstyle.motion.stability import warping_error

if TYPE_CHECKING:  # Loading it takes seconds.
    from vidstyle.neural.result import Painted
    from vidstyle.pipeline.paint.frame_state import FrameState
    from vidstyle.pipeline.paint.motion_steps import FrameWithMotion

GIVES = 0.6
"""Factor by which firmness gives way from one frame to the next."""
LEAST = 0.0625
"""Share of the temporal weight that is left at least."""
AS_STILL = 2.5
"""Warping error, in times the film's own, up to which it gives way where a temporal weight of 1 was asked for. The error goes
by the inverse square root of the weight, and so does this: who asks for more gets a stiller film."""


def firmness_after(
    step: "FrameWithMotion", painted: "Painted | None", before: "FrameState", temporal_weight: float = 1.0
) -> float:
    """Give the share of the temporal weight by which the frame after one is held to it.

    It gives way while the style loss is above that of the shot's first frame and the warping error below what `AS_STILL` says,
    and comes back else.

    Parameters
    ----------
    step
        The frame, with its motion and the film's own warping error.
    painted
        What the painter made of it; None where it is held as it was.
    before
        The frame that it was carried from.
    temporal_weight
        As the options say.

    """
    if (
        temporal_weight <= 0
        or painted is None
        or painted.reached is None
        or before.standard is None
        or step.measured is None
    ):
        return before.firmness
    poor = painted.reached[1] > before.standard[1]
    error = warping_error(before.image, painted.image, step.measured) if poor else None
    if error is not None and step.floor is not None and error < AS_STILL * step.floor / temporal_weight**0.5:
        return max(LEAST, GIVES * before.firmness)
    return min(1.0, before.firmness / GIVES)
