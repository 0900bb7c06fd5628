"""Cross-fades: gradual cuts, which no two neighbouring frames show.

In the middle of a cross-fade a frame is a mixture of the frames before and after it, and no motion leads from
one to the other. A pan over blurred objects looks like a mixture too, but there motion explains the change. A
whip pan cannot be followed, but its frames are not mixtures.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.imaging.types import GreyImage
from vidstyle.motion.sampling import sample_positions

GRID = 8
"""Cells per side in which frames are compared: so coarse that motion within a window hardly shows."""
LEAST_CHANGE = 8.0
"""Root mean square of the change between the cells, of 255; grain is less."""
LEAST_CONTRAST = 8.0
"""Deviation of a frame, of 255, below which it is blank and cannot be matched."""
MOST_RESIDUE = 0.4
"""Share of the change that is not a mixture: up to 0.36 in cross-fades of pans, from 0.6 in whip pans."""
MOST_CORRELATION = 0.45
"""Correlation after motion compensation: measured below 0.42 across cross-fades, from 0.5 elsewhere."""


class _Midpoint(NamedTuple):
    """Frame inside a cross-fade."""

    frame: int
    correlation: float
    """Aligned correlation of the ends of the window around it, in [-1, 1]."""


class DissolveDetector:
    """Detector of cross-fades, in a window that moves along a video.

    Parameters
    ----------
    span
        Frames from one end of the window to the other, a multiple of 4; about half the length of the
        cross-fades that are detected best.
    """

    def __init__(self, span: int) -> None:
        self.span = span
        self._window: deque[tuple[GreyImage, NDArray[np.float32]]] = deque(maxlen=span + 1)
        self._found: list[_Midpoint] = []

    def process(self, index: int, grey: GreyImage) -> None:
        """Process the next frame [H, W]."""
        cells = cv2.resize(grey, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
        self._window.append((grey, cells))
        if len(self._window) <= self.span:
            return
        quarter = self.span // 4
        cells_at = [self._window[place][1] for place in range(0, self.span + 1, quarter)]
        (before, _), (after, _) = self._window[0], self._window[-1]
        if min(before.std(), after.std()) >= LEAST_CONTRAST and _are_mixtures(cells_at):
            correlation = aligned_correlation(before, after)
            if correlation < MOST_CORRELATION:
                self._found.append(_Midpoint(index - self.span // 2, correlation))

    def cuts(self) -> Iterator[int]:
        """Yield the cuts: one in each run of frames inside a cross-fade, where the correlation is lowest."""
        for _, run in groupby(enumerate(self._found), lambda item: item[1].frame - item[0]):
            yield min((found for _, found in run), key=lambda found: found.correlation).frame


def aligned_correlation(before: GreyImage, after: GreyImage) -> float:
    """Correlate a frame [H, W], motion-compensated, with a later one: in [-1, 1], whatever the brightness."""
    if min(before.shape) < 16:  # Too small for optical flow.
        flow = np.zeros((*before.shape, 2), np.float32)
    else:
        dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        flow = np.asarray(dis.calc(after, before, None), np.float32)  # type: ignore[call-overload]
    height, width = before.shape
    x, y = sample_positions(flow)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    if inside.mean() < 0.2:
        return 0.0
    warped = cv2.remap(before, x, y, cv2.INTER_LINEAR)[inside].astype(np.float64)
    target = after[inside].astype(np.float64)
    deviations = warped.std() * target.std()
    return float(((warped - warped.mean()) * (target - target.mean())).mean() / max(deviations, 1e-6))


def _are_mixtures(cells: Sequence[NDArray[np.float32]]) -> bool:
    """Tell whether the inner three of five frames [GRID, GRID] are mixtures of the outer two."""
    before, *inner, after = cells
    change = after - before
    size = float(np.sqrt(np.square(change).mean()))
    if size < LEAST_CHANGE:
        return False
    shares = [float(((image - before) * change).sum() / np.square(change).sum()) for image in inner]
    residues = [
        float(np.sqrt(np.square(image - before - share * change).mean())) / size
        for image, share in zip(inner, shares, strict=True)
    ]
    # The middle one has a good part of both.
    return max(residues) <= MOST_RESIDUE and 0.15 < shares[1] < 0.85
