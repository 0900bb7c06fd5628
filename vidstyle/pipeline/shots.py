"""Division of a job's film into shots, and of each shot into keyframes and the frames between them."""

from collections.abc import Sequence
from fractions import Fraction

from vidstyle.events import StopRequest
from vidstyle.media.geometry import fit
from vidstyle.media.video.reader import VideoReader
from vidstyle.media.video.shots import find_shots
from vidstyle.motion.keyframes import PLAN_PX, longest_span, plan_keyframes, spread_keyframes
from vidstyle.options.values import InitKind
from vidstyle.pipeline.paint.passes import open_source
from vidstyle.pipeline.paint.recurring_shots import find_recurring_frame
from vidstyle.pipeline.painters.registry import painter_type
from vidstyle.pipeline.plan.given import GivenFrame, digest_of
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.results import FrameKind
from vidstyle.pipeline.work.workdir import ShotPlan, Workdir

SAMPLE_FRAMES, MIN_SAMPLE_FRAMES = 64, 4
"""Frames whose keyframes stand for those of the whole film, at most and at least."""
Bounds = tuple[int, int]
"""Shot [start, stop), in the source's indices."""


def shots_of(spec: JobSpec, stop: StopRequest) -> Sequence[Bounds]:
    """Find the shots of a job.

    Raises
    ------
    Interrupted
        On request.
    VidstyleError
        The film cannot be decoded.

    """
    if spec.shots or spec.video is None:
        return spec.shots or ((0, 1),)
    cuts = spec.job.options.source.cuts
    return tuple(find_shots(spec.video, spec.start, spec.stop, cuts, should_stop=lambda: stop.after_frame))


def keyframes_of(
    spec: JobSpec, shots: Sequence[Bounds], work: Workdir, stop: StopRequest
) -> list[tuple[int, ...]]:
    """Choose the keyframes of each shot, ascending; what is chosen is kept in the work folder.

    What an earlier run painted from other keyframes, which were painted by hand, is discarded.

    Raises
    ------
    Interrupted
        On request; the shots before are kept.
    VidstyleError
        The film, or a keyframe that was painted by hand, cannot be read.

    """
    known = work.shot_plans
    given = [[each for each in spec.given if start <= each.frame < end] for start, end in shots]
    digests = [digest_of(each) for each in given]
    # All before anything is noted, so that an interruption leaves no frame that depends on another picture.
    _discard_outdated(spec, shots, work, digests)
    for shot, of_shot, digest in zip(shots, given, digests, strict=True):
        plan = known.get(shot[0])
        if plan is None or plan.given != digest or plan.keyframes[-1:] != (shot[1] - 1,):
            known[shot[0]] = ShotPlan(plan_shot(spec, shot, stop, of_shot), digest)
            work.note_shot_plans(known)
    return [known[start].keyframes for start, _ in shots]


def _discard_outdated(spec: JobSpec, shots: Sequence[Bounds], work: Workdir, digests: Sequence[str]) -> None:
    """Discard the frames of shots that were painted from other pictures, and of those that return to them."""
    known = work.shot_plans
    outdated: set[int] = set()
    for number, (start, end) in enumerate(shots):
        plan = known.get(start)
        if plan is None:  # Its note may be lost.
            has_changed = bool(digests[number]) or _has_given(work, range(start, end))
        else:
            has_changed = digests[number] != plan.given
        if has_changed or _recurs(spec, shots, number, outdated):
            work.discard(range(start, end))
            outdated.add(end - 1)


def _has_given(work: Workdir, shot: range) -> bool:
    """Tell whether a frame of a shot was painted by hand."""
    records = (work.get(index) for index in shot)
    return any(record is not None and record.metrics.get("kind") == FrameKind.GIVEN for record in records)


def _recurs(spec: JobSpec, shots: Sequence[Bounds], number: int, outdated: set[int]) -> bool:
    """Tell whether a shot was painted from the end of one that is discarded."""
    if not outdated:
        return False
    ends = [end - 1 for _, end in shots[:number]]
    return find_recurring_frame(open_source(spec), ends, shots[number][0]) in outdated


def plan_shot(
    spec: JobSpec, shot: Bounds, stop: StopRequest, given: Sequence[GivenFrame] = ()
) -> tuple[int, ...]:
    """Choose the keyframes of a shot, those that were painted by hand among them."""
    start, end = shot
    fixed = frozenset(each.frame for each in given)
    every = 1 if paints_all(spec) else spec.motion.paint_every.frames
    video = spec.video
    if every is not None or video is None:
        return spread_keyframes(start, end, every or 1, fixed)
    small = fit(video.width, video.height, video.pixel_aspect, PLAN_PX, even=True)
    longest = longest_span(Fraction(video.rate))
    with VideoReader(video, small, start, end) as images:
        return plan_keyframes(
            iter(images), range(start, end), longest, fixed, should_stop=lambda: stop.after_frame
        )


def sample_painted_share(spec: JobSpec) -> float:
    """Estimate the share of a film's frames that are painted, from the keyframes of its beginning."""
    stop = min(spec.stop, spec.start + SAMPLE_FRAMES)
    if spec.video is None or stop - spec.start < MIN_SAMPLE_FRAMES:
        return 1.0
    return len(plan_shot(spec, (spec.start, stop), StopRequest())) / (stop - spec.start)


def paints_all(spec: JobSpec) -> bool:
    """Tell whether every frame is painted, as no frame between two others follows from them."""
    options = spec.job.options
    by_copying = not painter_type(options).paints
    return by_copying or options.paint.init.kind is InitKind.PREVIOUS or spec.masks.moves
