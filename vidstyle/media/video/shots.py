"""Shot detection: hard cuts, fades and cross-fades.

PySceneDetect's detectors propose cuts on frames 128 pixels wide. False ones are removed: a flash, after which
the same scene continues; a lamp that is switched on; a dark scene that flickers.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect.common import FrameTimecode
from scenedetect.detector import SceneDetector
from scenedetect.detectors import AdaptiveDetector, HashDetector, ThresholdDetector

from vidstyle.errors import Interrupted, RangeError, quoted
from vidstyle.imaging.types import GreyImage
from vidstyle.media.geometry import fit
from vidstyle.media.video.dissolves import MOST_CORRELATION, DissolveDetector, aligned_correlation
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.video import Video
from vidstyle.options.values import Cuts

Hash = NDArray[np.bool_]
"""Perceptual hash of a frame."""

LONGER_SIDE = 128
WINDOW = 2
"""Frames on either side whose change a cut must exceed: a pan changes as much before and after."""
LEAST_CHANGE = 4.0
"""Mean change of luma at a cut, of 255; night scenes need such a low one, which `LEAST_DISTANCE` permits."""
LEAST_DISTANCE = 0.3
"""Share of a hash's bits that differ across a cut: from 0.38 in cuts, up to 0.1 if only the light changes."""
CONTINUED = 0.7
"""Aligned correlation of neighbouring frames from which on they belong to one shot."""
MOST_DISTANCE = 0.25
"""Share of bits up to which two frames are of the same scene."""
FLASH_S = 0.17
"""Longest duration of a flash."""
BLACK, WHITE, BLANK = 8, 247, 5.0
"""Mean luma below or above which a frame may be the bottom of a fade, and its largest deviation."""
DISSOLVE_S = (0.48, 0.96)
"""Spans of the windows in which cross-fades are detected."""


def find_shots(
    video: Video,
    start: int,
    stop: int,
    cuts: Cuts,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[tuple[int, int]]:
    """Divide frames [start, stop) of a video into shots.

    Parameters
    ----------
    video
        The video.
    start, stop
        Range of frames in the source.
    cuts
        Cuts between the shots; `auto` decodes the range once to detect them, anything else costs nothing.
    should_stop
        Called at each frame; True interrupts the detection.

    Returns
    -------
    list of tuple
        Shots [start, stop) in the source's indices, in order, covering the range without gaps.

    Raises
    ------
    RangeError
        A given cut is outside the range, or before the one that it follows.
    DecodeError
        The video cannot be decoded.
    Interrupted
        `should_stop` returned True.
    """
    if cuts.times is None:
        starts = _detect_starts(video, start, stop, should_stop)
    else:
        starts = _given_starts(video, start, stop, cuts)
    bounds = [start, *sorted(set(starts) - {start}), stop]
    return list(pairwise(bounds))


def _given_starts(video: Video, start: int, stop: int, cuts: Cuts) -> list[int]:
    """Find the first frame after each cut that the user gave."""
    starts: list[int] = []
    for time in cuts.times or ():
        index = video.index_at(time)
        if not start <= index < stop:
            raise RangeError(
                f"invalid --cuts {time}: outside the painted range of {quoted(video.path)}, frames {start} "
                f"to {stop - 1}; give times inside."
            )
        if starts and index < starts[-1]:
            raise RangeError(
                f"invalid --cuts {time}: before the preceding cut of {quoted(video.path)}; give the times in "
                "order."
            )
        starts.append(index)
    return starts


def _detect_starts(video: Video, start: int, stop: int, should_stop: Callable[[], bool]) -> list[int]:
    """Detect the first frame of each shot."""
    flash = max(1, round(video.rate * FLASH_S))
    spans = [4 * max(3, round(video.rate * seconds / 4)) for seconds in DISSOLVE_S]
    detector = _CutDetector(flash, spans)
    frame = fit(video.width, video.height, video.pixel_aspect, LONGER_SIDE, even=False)
    with VideoReader(video, frame, start, stop) as reader:
        for image in reader:
            if should_stop():
                raise Interrupted("Stopped during shot detection; nothing was painted yet.")
            detector.process(np.rint(image[..., ::-1] * 255).astype(np.uint8))
    return [start + index for index in detector.cuts()]


class _CutDetector:
    """Detector of cuts in frames [H, W, 3], BGR, which verifies the proposals of several detectors."""

    def __init__(self, flash: int, spans: list[int]) -> None:
        self._flash = flash
        self._hard = AdaptiveDetector(
            min_scene_len=0, window_width=WINDOW, min_content_val=LEAST_CHANGE, luma_only=True
        )
        # A shot begins where the next scene of a fade becomes visible, not in the middle of the blank frames.
        self._fades: list[SceneDetector] = [
            ThresholdDetector(BLACK, min_scene_len=0, fade_bias=1, method=ThresholdDetector.Method.FLOOR),
            ThresholdDetector(WHITE, min_scene_len=0, fade_bias=1, method=ThresholdDetector.Method.CEILING),
        ]
        self._dissolves = [DissolveDetector(span) for span in spans]
        self._last: NDArray[np.uint8] | None = None
        self._hashes: list[Hash] = []
        self._correlations: list[float] = []
        self._grey: GreyImage | None = None
        self._blank: list[bool] = []
        self._hard_cuts: list[int] = []
        self._fade_cuts: list[int] = []

    def process(self, image: NDArray[np.uint8]) -> None:
        """Process the next frame."""
        index = len(self._hashes)
        if self._last is None:
            # A cut right after the first frame, often a black one, needs frames before it to stand out from.
            self._detect_hard(-WINDOW, [image] * WINDOW)
        self._detect_hard(index, [image])
        for fade in self._fades:
            self._fade_cuts += [
                cut.frame_num for cut in fade.process_frame(FrameTimecode(index, 25.0), image)
            ]
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
        for dissolve in self._dissolves:
            dissolve.process(index, grey)
        self._correlations.append(1.0 if self._grey is None else aligned_correlation(self._grey, grey))
        self._grey = grey
        self._hashes.append(np.asarray(HashDetector.hash_frame(image, 8, 2), np.bool_))
        self._blank.append(float(grey.std()) <= BLANK)
        self._last = image

    def _detect_hard(self, index: int, images: list[NDArray[np.uint8]]) -> None:
        for place, image in enumerate(images, index + WINDOW):  # Timecodes are never negative.
            cuts = self._hard.process_frame(FrameTimecode(place, 25.0), image)
            self._hard_cuts += [cut.frame_num - WINDOW for cut in cuts]

    def cuts(self) -> list[int]:
        """List the first frames of shots after the last frame, counted from the first frame, in any order."""
        if self._last is None:
            return []
        self._detect_hard(len(self._hashes), [self._last] * WINDOW)
        candidates = {*self._hard_cuts, *self._breaks()}
        cuts = [cut for cut in candidates if 0 < cut < len(self._hashes) and self._is_new_scene(cut)]
        for cut in self._fade_cuts:
            if cut > 0 and self._is_fade(cut) and self._is_far(cut, cuts, self._flash):
                cuts.append(cut)
        for dissolves in self._dissolves:
            cuts += [cut for cut in dissolves.cuts() if self._is_far(cut, cuts, dissolves.span)]
        return cuts

    def _breaks(self) -> Iterator[int]:
        """Yield frames that no motion from the previous one explains, as cuts between fast shots."""
        for cut, (before, here, after) in enumerate(
            zip(self._correlations, self._correlations[1:], [*self._correlations[2:], 1.0], strict=False), 1
        ):
            if here < MOST_CORRELATION and min(before, after) >= CONTINUED:
                yield cut

    def _is_new_scene(self, cut: int) -> bool:
        """Tell whether more than the light changes at a cut, and the old scene does not return."""
        if _distance(self._hashes[cut - 1], self._hashes[cut]) < LEAST_DISTANCE:
            return False
        return all(_distance(old, new) > MOST_DISTANCE for old, new in self._around(cut))

    def _around(self, cut: int) -> Iterator[tuple[Hash, Hash]]:
        """Yield pairs of frames before and after a cut, as far apart as a flash lasts."""
        for old in range(max(0, cut - 1 - self._flash), cut):
            for new in range(cut, min(len(self._hashes), old + 2 + self._flash)):
                if not (self._blank[old] or self._blank[new]):
                    yield self._hashes[old], self._hashes[new]

    def _is_fade(self, cut: int) -> bool:
        """Tell whether a fade that ends at a cut has a blank frame at its bottom, and is not a flash."""
        bottom = cut - 1
        while bottom > 0 and not self._blank[bottom] and cut - bottom < 4 * self._flash:
            bottom -= 1
        return self._blank[bottom] and all(_distance(*pair) > MOST_DISTANCE for pair in self._around(cut))

    @staticmethod
    def _is_far(cut: int, cuts: list[int], least: int) -> bool:
        return all(abs(cut - other) > least for other in cuts)


def _distance(one: Hash, other: Hash) -> float:
    return float((one != other).mean())
