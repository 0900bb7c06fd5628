"""Where the cuts of a film are: hard cuts, fades and cross-fades.

PySceneDetect's detectors propose, on pictures 128 pixels wide, and what is no change of scene is sorted out: a flash, after
which the same picture is there again; a lamp that is switched on; a dark scene that flickers.
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
from vidstyle.media.geometry import fit
from vidstyle.media.video.dissolves import MOST_LIKENESS, DissolveDetector, likeness
from vidstyle.media.video.probe import Video
from vidstyle.media.video.reader import VideoReader
from vidstyle.options.values import Cuts

Hash = NDArray[np.bool_]

LONGER_SIDE = 128
WINDOW = 2
"""Pictures on either side whose change a cut must exceed: a pan changes as much before and after."""
LEAST_CHANGE = 4.0
"""Mean change of luminance at a cut, of 255; night scenes need so little, and `LEAST_DISTANCE` keeps it safe."""
LEAST_DISTANCE = 0.3
"""Share of a hash's bits that differ across a cut: 0.38 and more in cuts, 0.1 and less where only the light changed."""
CONTINUED = 0.7
"""Likeness of neighbouring pictures, motion undone, from which on they are of one shot."""
MOST_DISTANCE = 0.25
"""Share of bits up to which two pictures are of the same scene."""
FLASH_S = 0.17
"""How long a flash may last."""
BLACK, WHITE, BLANK = 8, 247, 5.0
"""Mean luminance below or above which a picture may be the bottom of a fade, and the deviation up to which it is one."""
DISSOLVE_S = (0.48, 0.96)
"""Windows in which cross-fades are looked for."""


def find_shots(
    video: Video,
    start: int,
    stop: int,
    cuts: Cuts,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[tuple[int, int]]:
    """Divide frames [start, stop) of a film into shots.

    Parameters
    ----------
    video
        The film.
    start, stop
        Range of frames in the source.
    cuts
        Where to cut; `auto` decodes the range once to find out, anything else costs nothing.
    should_stop
        Asked at each picture; True gives up.

    Returns
    -------
    list of tuple
        Shots [start, stop) in the source's indices, in order, covering the range without gaps.

    Raises
    ------
    RangeError
        A cut was asked for outside the range, or before the one that it follows.
    DecodeError
        The film cannot be decoded.
    Interrupted
        `should_stop` said so.
    """
    if cuts.times is None:
        starts = _found(video, start, stop, should_stop)
    else:
        starts = _given(video, start, stop, cuts)
    bounds = [start, *sorted(set(starts) - {start}), stop]
    return list(pairwise(bounds))


def _given(video: Video, start: int, stop: int, cuts: Cuts) -> list[int]:
    """Find the first frame of each shot that the user named."""
    starts: list[int] = []
    for time in cuts.times or ():
        index = video.index_at(time)
        if not start <= index < stop:
            raise RangeError(
                f"--cuts {time} is outside of what is painted of {quoted(video.path)}, frames {start} to {stop - 1}; "
                "give times inside."
            )
        if starts and index < starts[-1]:
            raise RangeError(
                f"--cuts {time} is before the one it follows in {quoted(video.path)}; give the times in order."
            )
        starts.append(index)
    return starts


def _found(video: Video, start: int, stop: int, should_stop: Callable[[], bool]) -> list[int]:
    """Find the first frame of each shot."""
    flash = max(1, round(video.rate * FLASH_S))
    spans = [4 * max(3, round(video.rate * seconds / 4)) for seconds in DISSOLVE_S]
    scenes = _Scenes(flash, spans)
    frame = fit(video.width, video.height, video.pixel_aspect, LONGER_SIDE, even=False)
    with VideoReader(video, frame, start, stop) as reader:
        for image in reader:
            if should_stop():
                raise Interrupted("Stopped while looking for cuts; nothing was painted yet.")
            scenes.process(np.rint(image[..., ::-1] * 255).astype(np.uint8))
    return [start + index for index in scenes.cuts()]


class _Scenes:
    """Collects what the detectors find in pictures [H, W, 3], BGR, and keeps of each picture what tells it from another."""

    def __init__(self, flash: int, spans: list[int]) -> None:
        self._flash = flash
        self._hard = AdaptiveDetector(
            min_scene_len=0, window_width=WINDOW, min_content_val=LEAST_CHANGE, luma_only=True
        )
        # A shot begins where a fade has brought back something to see, not in the midst of the blank.
        self._fades: list[SceneDetector] = [
            ThresholdDetector(BLACK, min_scene_len=0, fade_bias=1, method=ThresholdDetector.Method.FLOOR),
            ThresholdDetector(WHITE, min_scene_len=0, fade_bias=1, method=ThresholdDetector.Method.CEILING),
        ]
        self._dissolves = [DissolveDetector(span) for span in spans]
        self._last: NDArray[np.uint8] | None = None
        self._hashes: list[Hash] = []
        self._likeness: list[float] = []
        self._grey: NDArray[np.uint8] | None = None
        self._blank: list[bool] = []
        self._hard_cuts: list[int] = []
        self._fade_cuts: list[int] = []

    def process(self, image: NDArray[np.uint8]) -> None:
        """Look at the next picture."""
        index = len(self._hashes)
        if self._last is None:
            # A cut right after the first picture, often a black one, needs something to stand out from.
            self._feed(-WINDOW, [image] * WINDOW)
        self._feed(index, [image])
        for fade in self._fades:
            self._fade_cuts += [
                cut.frame_num for cut in fade.process_frame(FrameTimecode(index, 25.0), image)
            ]
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
        for dissolve in self._dissolves:
            dissolve.process(index, grey)
        self._likeness.append(1.0 if self._grey is None else likeness(self._grey, grey))
        self._grey = grey
        self._hashes.append(np.asarray(HashDetector.hash_frame(image, 8, 2), np.bool_))
        self._blank.append(float(grey.std()) <= BLANK)
        self._last = image

    def _feed(self, index: int, images: list[NDArray[np.uint8]]) -> None:
        for place, image in enumerate(images, index + WINDOW):  # Timecodes are never negative.
            cuts = self._hard.process_frame(FrameTimecode(place, 25.0), image)
            self._hard_cuts += [cut.frame_num - WINDOW for cut in cuts]

    def cuts(self) -> list[int]:
        """Say after the last picture where shots begin, counted from the first picture, in any order."""
        if self._last is None:
            return []
        self._feed(len(self._hashes), [self._last] * WINDOW)
        candidates = {*self._hard_cuts, *self._breaks()}
        cuts = [cut for cut in candidates if 0 < cut < len(self._hashes) and self._is_new(cut)]
        for cut in self._fade_cuts:
            if cut > 0 and self._is_fade(cut) and self._far(cut, cuts, self._flash):
                cuts.append(cut)
        for dissolves in self._dissolves:
            cuts += [cut for cut in dissolves.cuts() if self._far(cut, cuts, dissolves.span)]
        return cuts

    def _breaks(self) -> Iterator[int]:
        """Pictures that no motion leads to from the one before: cuts between shots that move too fast to stand out."""
        for cut, (before, here, after) in enumerate(
            zip(self._likeness, self._likeness[1:], [*self._likeness[2:], 1.0], strict=False), 1
        ):
            if here < MOST_LIKENESS and min(before, after) >= CONTINUED:
                yield cut

    def _is_new(self, cut: int) -> bool:
        """Whether the picture at a cut differs in more than its light from the one before, and the old scene does not come back."""
        if _distance(self._hashes[cut - 1], self._hashes[cut]) < LEAST_DISTANCE:
            return False
        return all(_distance(old, new) > MOST_DISTANCE for old, new in self._around(cut))

    def _around(self, cut: int) -> Iterator[tuple[Hash, Hash]]:
        """Pairs of pictures before and after a cut, as far apart as a flash lasts."""
        for old in range(max(0, cut - 1 - self._flash), cut):
            for new in range(cut, min(len(self._hashes), old + 2 + self._flash)):
                if not (self._blank[old] or self._blank[new]):
                    yield self._hashes[old], self._hashes[new]

    def _is_fade(self, cut: int) -> bool:
        """Whether a fade that ends at a cut has a blank picture at its bottom, and is no flash."""
        bottom = cut - 1
        while bottom > 0 and not self._blank[bottom] and cut - bottom < 4 * self._flash:
            bottom -= 1
        return self._blank[bottom] and all(_distance(*pair) > MOST_DISTANCE for pair in self._around(cut))

    @staticmethod
    def _far(cut: int, cuts: list[int], least: int) -> bool:
        return all(abs(cut - other) > least for other in cuts)


def _distance(one: Hash, other: Hash) -> float:
    return float((one != other).mean())
