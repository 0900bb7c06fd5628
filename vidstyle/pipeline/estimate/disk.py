"""The disk that a job's work folder takes at its fullest, as a sum that can be shown."""

from dataclasses import dataclass

from vidstyle.options.groups import MotionOptions, PainterKind
from vidstyle.pipeline.compositing import compositing_of
from vidstyle.pipeline.plan.jobs import Job
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.work.workdir import ExistingWork

FRAME_BYTES_A_PIXEL = 6
"""A stored frame: three channels of 16 bits, which hardly compress when painted: 5.3 to 5.7 were measured."""
COPY_BYTES_A_PIXEL = 4.5
"""A frame that is copied has only 8 bits to say: 2.4 to 4.4 were measured."""
FLOW_BYTES_A_PIXEL = 10
"""Flow between two frames: there and back, two numbers of 16 bits each, and a mask for each; nothing is compressed."""


@dataclass(frozen=True)
class Disk:
    """What is yet to be written into a work folder, at the time when most lies there."""

    width: int
    height: int
    frame_bytes: float
    """Of a pixel of a stored frame."""
    frames: int
    """Frames that are yet to be stored."""
    earlier: int = 0
    """Frames of an earlier pass that lie beside them: those of a shot, until it is done."""
    flows: int = 0
    """Pairs of frames whose flow is kept for the next pass, until the shot is done."""
    transparent: int = 0
    """Frames that are stored once more, with their transparency, to be encoded."""
    shown: int = 0
    """Frames that are stored once more, as something is made of them before they are shown."""

    @property
    def total_bytes(self) -> int:
        """All of it."""
        each = (
            self.frame_bytes * (self.frames + self.earlier + self.shown)
            + self.frame_bytes * 4 / 3 * self.transparent
        )
        return round(self.width * self.height * (each + FLOW_BYTES_A_PIXEL * self.flows))

    def __str__(self) -> str:
        """Say what it is the sum of."""
        said = [
            f"{self.frames} frames of {self.width} x {self.height} pixels, {self.frame_bytes:g} bytes each,"
        ]
        if self.earlier:
            said.append(f"{self.earlier} of an earlier pass,")
        if self.flows:
            said.append(f"the flow of {self.flows} pairs of frames, {FLOW_BYTES_A_PIXEL} bytes a pixel,")
        if self.transparent:
            said.append(
                f"{self.transparent} frames with their transparency, {self.frame_bytes * 4 / 3:g} bytes a pixel,"
            )
        if self.shown:
            said.append(f"{self.shown} as they are shown, {self.frame_bytes:g} bytes a pixel,")
        return " ".join([*said[:-1], "and", said[-1]] if said[1:] else said)


def disk_of(job: Job, spec: JobSpec, begun: ExistingWork | None = None) -> Disk:
    """Estimate the disk that a job takes.

    Parameters
    ----------
    job
        What is to be done.
    measures
        Its measures.
    begun
        What an earlier run has left, which needs no room any more.

    """
    video, frame, begun = spec.video, spec.frame, begun or ExistingWork()
    motion = job.options.motion if video else MotionOptions()
    # Where the shots are still to be found, the film may be one.
    shots = spec.shots or ((spec.start, spec.stop),)
    longest = max(stop - start for start, stop in shots)
    again = motion.passes > 1
    pairs = sum(max(0, longest - distance) for distance in motion.temporal_frames.frames)
    return Disk(
        width=frame.width,
        height=frame.height,
        frame_bytes=COPY_BYTES_A_PIXEL if job.options.painter is PainterKind.NONE else FRAME_BYTES_A_PIXEL,
        frames=max(0, spec.frames - begun.frames),
        earlier=max(0, longest - begun.earlier) if again else 0,
        flows=max(0, pairs - begun.flows) if again and motion.flow.folder is None else 0,
        shown=spec.frames if compositing_of(job.options, job.styles).changes else 0,
        transparent=spec.frames if video and video.keeps_alpha else 0,
    )
