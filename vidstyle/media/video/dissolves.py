"""Cross-fades: cuts that take their time, which no two neighbouring pictures show.

In the middle of a cross-fade a picture is a mixture of what was before and what comes after, and no motion leads from the
one to the other. A pan over blurred things looks like a mixture too, but there motion explains what has changed; a whip
pan cannot be followed, but its pictures are no mixtures.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

GRID = 8
"""Pictures are compared as mixtures in this many cells a side, so coarse that motion within a window hardly shows."""
LEAST_CHANGE = 8.0
"""Root mean square of what must have changed between the cells, of 255; grain is less."""
LEAST_CONTRAST = 8.0
"""Deviation of a picture, of 255, below which it is blank and nothing can be found again in it."""
MOST_RESIDUE = 0.4
"""How much of the change may be no mixture: up to 0.36 in cross-fades between pans, from 0.6 on in whip pans."""
MOST_LIKENESS = 0.45
"""Correlation after motion is undone: below 0.42 across cross-fades, 0.5 and more in all else that was measured."""


class _Midst(NamedTuple):
    """A picture in the midst of a cross-fade."""

    place: int
    likeness: float
    """Correlation in [-1, 1] between the ends of the window around it."""


class DissolveDetector:
    """Looks for pictures in the midst of cross-fades, in a window that moves along a film.

    Parameters
    ----------
    span
        Pictures from one end of the window to the other, a multiple of 4; about half the length of the cross-fades
        that are found best.
    """

    def __init__(self, span: int) -> None:
        self.span = span
        self._window: deque[tuple[NDArray[np.uint8], NDArray[np.float32]]] = deque(maxlen=span + 1)
        self._found: list[_Midst] = []

    def process(self, index: int, grey: NDArray[np.uint8]) -> None:
        """Look at the next picture [H, W]."""
        cells = cv2.resize(grey, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
        self._window.append((grey, cells))
        if len(self._window) <= self.span:
            return
        quarter = self.span // 4
        cells_at = [self._window[place][1] for place in range(0, self.span + 1, quarter)]
        (before, _), (after, _) = self._window[0], self._window[-1]
        if min(before.std(), after.std()) >= LEAST_CONTRAST and _are_mixtures(cells_at):
            alike = likeness(before, after)
            if alike < MOST_LIKENESS:
                self._found.append(_Midst(index - self.span // 2, alike))

    def cuts(self) -> Iterator[int]:
        """Where to cut: once in each run of pictures in the midst of a cross-fade, where its ends are least alike."""
        for _, run in groupby(enumerate(self._found), lambda item: item[1].place - item[0]):
            yield min((midst for _, midst in run), key=lambda midst: midst.likeness).place


def likeness(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
    """Correlate a picture [H, W], carried along the motion to a later one, with that, in [-1, 1]; light is no matter."""
    if min(before.shape) < 16:  # Too small for motion to be found.
        flow = np.zeros((*before.shape, 2), np.float32)
    else:
        dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        flow = np.asarray(dis.calc(after, before, None), np.float32)  # type: ignore[call-overload]
    height, width = before.shape
    x = np.arange(width, dtype=np.float32)[None] + flow[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    seen = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    if seen.mean() < 0.2:
        return 0.0
    carried = cv2.remap(before, x, y, cv2.INTER_LINEAR)[seen].astype(np.float64)
    there = after[seen].astype(np.float64)
    deviations = carried.std() * there.std()
    return float(((carried - carried.mean()) * (there - there.mean())).mean() / max(deviations, 1e-6))


def _are_mixtures(cells: Sequence[NDArray[np.float32]]) -> bool:
    """Whether the inner of five pictures [GRID, GRID] are mixtures of the outer two, the middle one of a good part of both."""
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
    return max(residues) <= MOST_RESIDUE and 0.15 < shares[1] < 0.85
