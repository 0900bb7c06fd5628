"""How still a film keeps: the warping error.

Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, section 4.2, with the soft mask of `motion.flow`. It
means something only beside that of the source film itself, its floor: noise and wrong flow are in both.
"""

from vidstyle.motion.flow import Image, Motion, warp


def warping_error(previous: Image, current: Image, motion: Motion) -> float | None:
    """Mean squared difference of a frame and its predecessor carried to it, over what is trusted.

    Parameters
    ----------
    previous, current
        Frames [H, W, 3], RGB in [0, 1].
    motion
        Motion between the source's frames at these places.

    Returns
    -------
    float or None
        sum m |x_t - warp(x_{t-1})|^2 / (3 sum m); None where nothing is trusted.

    """
    trusted = float(motion.trust.sum(dtype="float64"))
    if trusted <= 0:
        return None
    difference = current - warp(previous, motion.backward_flow)
    return float((motion.trust[..., None] * difference**2).sum(dtype="float64") / (3 * trusted))
