"""Coarse to fine: a large picture is painted small first, and what was painted there is carried up to the next size."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vidstyle.imaging.resize import resize
from vidstyle.imaging.types import Image
from vidstyle.pipeline.paint.scales import work_of
from vidstyle.pipeline.paint.targets import TargetSource

if TYPE_CHECKING:  # Loading it takes seconds; whoever has one has loaded it.
    from vidstyle.neural.objective.style_targets import StyleTargets
    from vidstyle.neural.optimize.monitor import Checkpoints
    from vidstyle.neural.optimize.monitor import Progress
    from vidstyle.neural.painter import Painter
    from vidstyle.neural.result import Painted


def paint_multiscale(
    painter: "Painter",
    guides: Sequence[TargetSource],
    index: int,
    source: Image,
    on_progress: "Callable[[Progress], None]",
    should_stop: Callable[[], bool],
    on_image: tuple[int, Callable[[Any], None]] | None = None,
    checkpoints: "Sequence[Checkpoints]" = (),
) -> "Painted":
    """Paint a frame that is carried from no other, size by size.

    Parameters
    ----------
    painter
        Who paints.
    guides
        What it is painted by at each size, the smallest first.
    index, source
        The frame's index in the source, and its picture [H, W, 3], RGB in [0, 1].
    on_progress, should_stop, on_image
        As `Painter.paint` has them; iterations count over all sizes, and images are of the frame's size.
    checkpoints
        Where it is kept how far the painting is at each size.

    Returns
    -------
    Painted
        Of the last size; its iterations and seconds are those of all.

    """
    sizes = [guide.scale for guide in guides]

    def paint(place: int, style: Any, content: Image, **more: Any) -> "Painted":
        before, later = sum(size.iterations for size in sizes[:place]), work_of(sizes[place + 1 :])

        def told(now: "Progress") -> None:
            total = sum(size.iterations for size in sizes)
            left = now.left + later / sizes[place].pixels
            on_progress(replace(now, iteration=before + now.iteration, iterations=total, left=left))

        def shown(image: Any) -> None:
            height, width, _ = source.shape
            if on_image:
                on_image[1](resize(np.asarray(image), width, height))

        more |= {"iterations": sizes[place].iterations, "on_progress": told, "should_stop": should_stop}
        more |= {"checkpoints": checkpoints[place]} if checkpoints else {}
        more |= {"below": source.shape[:2]} if place + 1 < len(sizes) else {}
        return painter.paint(content, style, on_image=on_image and (on_image[0], shown), **more)

    def begun(place: int) -> tuple[Image, "StyleTargets", dict[str, Any]]:
        sized = resize(source, sizes[place].width, sizes[place].height)
        content, style, more = guides[place].at(index, sized, afresh=True)
        return content, style, dict(more)

    # Where a larger size was begun, those before it are done.
    first = max((place for place, kept in enumerate(checkpoints) if kept.load() is not None), default=0)
    content, style, more = begun(first)
    painted = paint(first, style, content, **more)
    below = more.get("start", content)
    for place in range(first + 1, len(guides)):
        content, style, more = begun(place)
        begins = more.pop("start", content)
        raised = [_raised(painted.image, below, begins)]
        more["start"] = raised.pop
        # Of the last size, whose pictures are the largest, no more is held than is looked at.
        below = begins if place + 1 < len(guides) else below
        del begins
        # Losses are means over pixels, so their slope by each is the smaller the more there are. Where a recipe takes sums a
        # step may be too long at first, and is then undone.
        more["gamma"] = painted.gamma * sizes[place].pixels / sizes[place - 1].pixels
        now = paint(place, style, content, **more)
        painted = replace(
            now,
            iterations=painted.iterations + now.iterations,
            undone=painted.undone + now.undone,
            seconds=painted.seconds + now.seconds,
        )
    return painted


def _raised(painted: Image, below: Image, begun: Image) -> Image:
    """Enlarge what a painting changed of the picture that it began with, onto that picture in its new size.

    What only the larger one shows is kept: without it the first layers would have nothing to begin with.
    """
    height, width, _ = begun.shape
    changed = resize(painted, width, height) - resize(below, width, height)
    return np.clip(begun + changed, 0, 1)
