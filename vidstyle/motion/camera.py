"""Camera motion: one homography per pair of frames, used where it explains the pixels as well as the flow.

The homography maximises the enhanced correlation coefficient (Evangelidis and Psarakis, "Parametric Image
Alignment Using Enhanced Correlation Coefficient Maximization", PAMI 2008). A dense flow fluctuates by tenths
of a pixel on grain and on plain walls; a painting warped along it crawls and blurs. One model of eight
parameters for the whole background does not fluctuate. For a camera that stands still it is the identity,
along which a painting is propagated without any resampling.
"""

import cv2
import numpy as np

from vidstyle.imaging.types import BinaryMask, Flow, GreyImage, Image
from vidstyle.motion.sampling import sample_positions

ITERATIONS = 50
EPSILON = 1e-4
SMOOTHING_PX = 5
"""Side of the Gaussian window by which the two images are smoothed before they are aligned."""
STILL_PX = 0.1
"""Largest displacement of a pixel below which the camera counts as still."""
NEAR_PX = 0.75
"""Largest distance from the dense flow: inside a plain moving object, standing still explains as much."""
WINDOW_SIGMA_PX = 2.0
"""Neighbourhood in which two explanations of a pixel are compared."""
AS_WELL = 1.1
"""Factor by which the squared difference of the simpler motion may exceed that of the dense flow ..."""
NOISE = 3.0**2
"""... plus this, in squared levels of 255: the effect of grain and compression on a pixel."""


def camera_flow(origin: GreyImage, target: GreyImage) -> Flow | None:
    """Estimate the flow [H, W, 2] from one grey image [H, W] to another that a moving camera explains.

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
    except cv2.error:  # It does not converge without texture, or with too much motion.
        return None
    height, width = origin.shape
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    moved = cv2.perspectiveTransform(grid.reshape(1, -1, 2), homography).reshape(height, width, 2)
    flow = (moved - grid).astype(np.float32)
    if not np.isfinite(flow).all():
        return None
    return np.zeros_like(flow) if np.abs(flow).max() < STILL_PX else flow


def fit_camera_motion(origin: GreyImage, target: GreyImage, dense: Flow) -> tuple[Flow, BinaryMask]:
    """Replace a dense flow by one motion of the background, wherever that explains a pixel as well.

    Parameters
    ----------
    origin, target
        Grey images [H, W]; flows lead from the first to the second.
    dense
        Flow [H, W, 2] in pixels.

    Returns
    -------
    tuple
        The flow, and the mask [H, W] of the pixels where the dense flow was replaced.

    """
    candidates = [np.zeros_like(dense)]
    if (camera := camera_flow(origin, target)) is not None and camera.any():
        candidates.append(camera)
    allowed = AS_WELL * _squared_difference(origin, target, dense) + NOISE
    explained = [
        (np.square(candidate - dense).sum(axis=-1) < NEAR_PX**2)
        & (_squared_difference(origin, target, candidate) <= allowed)
        for candidate in candidates
    ]
    # One motion for all: in a slow pan, standing still explains a plain sky, which would part from the land.
    best = int(np.argmax([mask.sum() for mask in explained]))
    return np.where(explained[best][..., None], candidates[best], dense), explained[best]


def _squared_difference(origin: GreyImage, target: GreyImage, flow: Flow) -> Image:
    """Compute the squared difference of an image and another warped to it, averaged around each pixel."""
    x, y = sample_positions(flow)
    warped = cv2.remap(target, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    squared = np.square(warped.astype(np.float32) - origin)
    return np.asarray(cv2.GaussianBlur(squared, (0, 0), WINDOW_SIGMA_PX), np.float32)
