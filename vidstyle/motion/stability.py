"""Temporal stability of a video: the warping error, and the sharpness of its frames.

Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, section 4.2, with the soft mask of
`motion.flow`. It is meaningful only next to the source's own, its floor: noise and wrong flow raise both.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2

from vidstyle.imaging.types import Image
from vidstyle.motion.flow import Motion, find_motion
from vidstyle.motion.sampling import warp_lanczos

FAR = 10
"""Frames between the two of a distant pair, where a gradual loss or drift of a painting shows."""


MotionFinder = Callable[[int, int, Image, Image], Motion]
"""Finder of the motion between two frames, given their indices and images, the earlier one first."""


class PairErrors(NamedTuple):
    """Warping errors of a result and of its source, between two frames; None where no pixel is trusted."""

    result: float | None
    source: float | None


class Stability:
    """Warping errors of a result and its source, frame by frame through one shot.

    It keeps as many frames as the longest distance, whatever the length of the shot.

    Parameters
    ----------
    distances
        Numbers of frames between the two of a pair, each at least 1.
    between
        Finder of the motion between two frames of the source.
    start
        Index of the shot's first frame.

    """

    def __init__(
        self,
        distances: Sequence[int] = (1, FAR),
        between: MotionFinder = lambda _before, _now, previous, current: find_motion(previous, current),
        start: int = 0,
    ) -> None:
        self.distances = tuple(distances)
        self._between, self._index = between, start
        self._before: deque[tuple[Image, Image]] = deque(maxlen=max(distances))

    def add(self, source: Image, result: Image) -> list[PairErrors | None]:
        """Add the next frame of both videos, [H, W, 3], RGB in [0, 1].

        Returns
        -------
        list
            Errors for each distance; None where the shot is not yet that long. The flow is found between the
            two frames themselves, whatever lies between them.

        """
        errors: list[PairErrors | None] = []
        for distance in self.distances:
            if distance > len(self._before):
                errors.append(None)
                continue
            source_before, result_before = self._before[-distance]
            motion = self._between(self._index - distance, self._index, source_before, source)
            errors.append(
                PairErrors(
                    warping_error(result_before, result, motion), warping_error(source_before, source, motion)
                )
            )
        self._before.append((source, result))
        self._index += 1
        return errors


def warping_error(previous: Image, current: Image, motion: Motion) -> float | None:
    """Compute the mean squared difference of a frame and an earlier one warped to it, weighted by trust.

    Parameters
    ----------
    previous, current
        Frames [H, W, 3], RGB in [0, 1].
    motion
        Motion between the source's frames at the same indices.

    Returns
    -------
    float or None
        sum m |x_t - warp(x_{t-1})|^2 / (3 sum m); None where no pixel is trusted.

    """
    trusted = float(motion.trust.sum(dtype="float64"))
    if trusted <= 0:
        return None
    difference = current - warp_lanczos(previous, motion.backward_flow)
    return float((motion.trust[..., None] * difference**2).sum(dtype="float64") / (3 * trusted))


def sharpness(image: Image) -> float:
    """Compute the variance of the Laplacian of the luma of an image [H, W, 3], RGB in [0, 1].

    The Laplacian is the sum of a pixel's four neighbours less four times the pixel. Pech-Pacheco et al.,
    "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000. It falls with blur and
    rises with noise.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var(dtype="float64"))


def detail(image: Image) -> float:
    """Compute the sharpness of an image [H, W, 3] over the variance of its luma; 0 if that is uniform.

    Unlike the sharpness it does not fall where an image only becomes darker.
    """
    contrast = float(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).var(dtype="float64"))
    return sharpness(image) / contrast if contrast > 0 else 0.0
