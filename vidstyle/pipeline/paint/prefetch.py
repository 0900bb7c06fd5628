"""Prefetching: frames are read, matched and encoded ahead of the painter, in threads of their own."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from vidstyle.pipeline.background import Prefetcher
from vidstyle.pipeline.paint.history import History
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion, with_motion
from vidstyle.pipeline.paint.passes import in_order
from vidstyle.pipeline.paint.session import JobContext

DEPTH = 4
"""Frames that are read ahead, and frames whose flow is known ahead."""
SPAN_DEPTH = 1
"""Painted frames whose flow is known ahead where those between them are filled, each of which has its own."""


@contextmanager
def prefetched(context: JobContext, history: History) -> Iterator[Iterator[FrameWithMotion]]:
    """Give the frames of a pass with their motion and feature maps, made ahead of the painter."""
    shot_pass, stages = history.shot_pass, context.stages
    is_measured = shot_pass.number == context.passes or not history.has_earlier_pass
    with (
        closing(in_order(context.source, history.to_read)) as images,
        Prefetcher(images, DEPTH, "decode") as decoded,
        Prefetcher(
            with_motion(
                decoded,
                context.flow,
                context.distances,
                shot_pass,
                skipped=history.restored,
                measured=is_measured,
                to_fill=history.to_fill,
            ),
            SPAN_DEPTH if shot_pass.keyframes else DEPTH,
            "flow",
        ) as moving,
        Prefetcher(_encoded(context, history, moving), 1, "encode") as frames,
    ):
        try:
            yield frames
        finally:
            stages.decode += decoded.busy_s
            stages.flow += moving.busy_s - decoded.waited_s
            stages.look += frames.busy_s - moving.waited_s
            stages.wait += frames.waited_s


def _encoded(
    context: JobContext, history: History, frames: Iterable[FrameWithMotion]
) -> Iterator[FrameWithMotion]:
    """Encode each frame that has a warm start, so that its painting need not begin with that."""
    painter, targets = context.painter, context.targets
    for frame in frames:
        is_reused = frame.is_duplicate and targets.is_constant
        has_start = history.has_earlier_pass or (frame.motions and not is_reused)
        if has_start and frame.index not in history:
            yield replace(frame, features=painter.encode_content(targets.content(frame.source)))
        else:
            yield frame
