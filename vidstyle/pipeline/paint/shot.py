"""Painting of a shot: each frame starts from its painted predecessors, warped along the optical flow.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016, section 4.
"""

from collections.abc import Sequence
from functools import partial

from vidstyle.neural.result import Painted
from vidstyle.pipeline.paint.filling import fill_between
from vidstyle.pipeline.paint.frame_state import FrameState, Reference
from vidstyle.pipeline.paint.history import History
from vidstyle.pipeline.paint.motion_steps import FrameWithMotion
from vidstyle.pipeline.paint.multiscale import paint_multiscale
from vidstyle.pipeline.paint.prefetch import prefetched
from vidstyle.pipeline.paint.recorder import FrameRecorder
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.paint.temporal_weight import next_temporal_scale
from vidstyle.pipeline.paint.warm_start import next_state, start_frame


def paint_shot(context: JobContext, history: History) -> None:
    """Paint one pass over a shot into the work folder, except for what is painted already.

    Parameters
    ----------
    context
        Source, painter, targets, optical flow and work folder of the job.
    history
        The pass, with what an interrupted run painted of it.

    Raises
    ------
    Interrupted
        On request; what is painted is kept.
    VidstyleError
        Reading, flow, painting or saving failed.

    """
    with prefetched(context, history) as frames, FrameRecorder.opened(context, history) as recorder:
        for frame in frames:
            recorder.heed_stop()
            previous = history.previous(frame)
            state = history.restored_state(frame)
            if state is None:
                # Painted t-1, t-2, t-4 ..., with the flow to each and its trust.
                references = history.references(frame)
                # The frame itself, as the pass before painted it.
                earlier = history.earlier_pass(frame)
                painted: Painted | None = None
                if references and frame.is_duplicate and context.targets.is_constant:
                    state = references[0].painted
                else:
                    painted = _paint_frame(context, frame, references, earlier, recorder)
                    scale = next_temporal_scale(context, frame, painted, references, earlier)
                    state = next_state(references, painted, earlier, scale)
                recorder.save(frame, state, painted, previous=previous)
            history.append(frame, state)
            if previous is not None and frame.span is not None:
                # The frames between the two, from both of them.
                filled = fill_between(context, frame.span, (previous, state), recorder.monitor)
                recorder.save_filled(filled, frame, state, previous)


def _paint_frame(
    context: JobContext,
    frame: FrameWithMotion,
    references: Sequence[Reference],
    earlier: FrameState | None,
    recorder: FrameRecorder,
) -> Painted:
    """Paint a frame from its references, or else from its own content, from coarse to fine."""
    painter, targets = context.painter, context.targets
    height, width, _ = frame.source.shape
    if not references and earlier is None:
        monitor, kept = recorder.monitor_first(frame)
        multiscale = partial(paint_multiscale, painter, targets, frame, monitor, kept)
        return context.fitted(height, width, multiscale)
    now = targets.for_frame(frame.index, frame.source, features=frame.features)
    # Warped predecessors, with occluded and newly revealed areas.
    start = start_frame(frame.index, now, references, earlier, targets)
    # A shot that returns to a place has no motion relative to it: it takes as long as a first frame.
    iterations = None if frame.motions or earlier else targets.scale.iterations
    monitor = recorder.monitor(frame.index)
    single = partial(painter.paint, now, start, iterations=iterations, monitor=monitor)
    return context.fitted(height, width, single)
