"""Motion of the camera: one homography a pair of frames, used where it explains the pixels as well as the flow does.

The homography is found by maximising the enhanced correlation coefficient (Evangelidis and Psarakis, "Parametric Image
Alignment Using Enhanced Correlation Coefficient Maximization", PAMI 2008). A dense flow wavers by tenths of a pixel on
grain and on plain walls; a painting carried along it crawls and blurs. One model of eight numbers for the whole background
does not waver, and of a camera that stands still it is the identity, along which a painting is carried without any
resampling.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Flow = NDArray[np.float32]

ITERATIONS = 50
EPSILON = 1e-4
SMOOTHING_PX = 5
"""Side of the Gaussian window under which the two pictures are aligned."""
STILL_PX = 0.1
"""A camera that moves no pixel by more than this has not moved."""
NEAR_PX = 0.75
"""A simpler motion is taken only this near the flow: inside a plain thing that moves, standing still explains as much."""
WINDOW_SIGMA_PX = 2.0
"""Neighbourhood in which two explanations of a pixel are compared."""
AS_WELL = 1.1
"""The simpler motion may leave so many times the other's squared difference ..."""
NOISE = 3.0**2
"""... and this much more, squared levels of 255: what grain and compression do to a pixel."""


def camera_flow(origin: Grey, target: Grey) -> Flow | None:
    """Flow [H, W, 2] from one grey picture [H, W] to another, as far as a moving camera explains it.

    Returns
    -------
    array or None
        In pixels; exactly zero for a camera that stands still. None where no alignment is found.

    """
    identity = np.eye(3, dtype=np.float32)
    everywhere = np.full(origin.shape, 255, np.uint8)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ITERATIONS, EPSILON)
    try:
        _, homography = cv2.findTransformECC(
            origin, target, identity, cv2.MOTION_HOMOGRAPHY, criteria, everywhere, SMOOTHING_PX
        )
    except cv2.error:  # It does not converge on what has no texture, or too much motion.
        return None
    height, width = origin.shape
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    moved = cv2.perspectiveTransform(grid.reshape(1, -1, 2), homography).reshape(height, width, 2)
    flow = (moved - grid).astype(np.float32)
    if not np.isfinite(flow).all():
        return None
    return np.zeros_like(flow) if np.abs(flow).max() < STILL_PX else flow


def fit_camera_motion(origin: Grey, target: Grey, dense: Flow) -> tuple[Flow, NDArray[np.bool_]]:
    """Replace a dense flow by one motion of the background, wherever that explains a pixel as well.

    Parameters
    ----------
    origin, target
        Grey pictures [H, W]; flows lead from the first to the second.
    dense
        Flow [H, W, 2] in pixels.

    Returns
    -------
    tuple
        The flow, and where it is not the dense one, [H, W].

    """
    candidates = [np.zeros_like(dense)]
    if (camera := camera_flow(origin, target)) is not None and camera.any():
        candidates.append(camera)
    allowed = AS_WELL * _difference(origin, target, dense) + NOISE
    explained = [
        (np.square(candidate - dense).sum(axis=-1) < NEAR_PX**2)
        & (_difference(origin, target, candidate) <= allowed)
        for candidate in candidates
    ]
    # One motion for all: on a slow pan standing still explains a plain sky, which would then part from the land.
    best = int(np.argmax([mask.sum() for mask in explained]))
    return np.where(explained[best][..., None], candidates[best], dense), explained[best]


def _difference(origin: Grey, target: Grey, flow: Flow) -> NDArray[np.float32]:
    """Squared difference of a picture and another carried to it, averaged around each pixel."""
    height, width = origin.shape
    x = np.arange(width, dtype=np.float32)[None] + flow[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    warped = cv2.remap(target, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    squared = np.square(warped.astype(np.float32) - origin)
    return np.asarray(cv2.GaussianBlur(squared, (0, 0), WINDOW_SIGMA_PX), np.float32)
