"""What a job will take, said before it starts."""

from dataclasses import dataclass

from vidstyle.options import PainterKind
from vidstyle.pipeline.jobs import Job
from vidstyle.pipeline.survey import Survey, survey

PROGRAM_BYTES = 900 << 20
"""The program itself with its libraries and the network's weights."""
BYTES_A_PIXEL = 3600
"""Feature maps and their gradients, measured as peak memory over the size of the picture."""
COPYING_BYTES = 250 << 20
FRAME_BYTES_A_PIXEL = 6
"""A stored frame: three channels of 16 bits, which hardly compress."""


@dataclass(frozen=True)
class Estimate:
    """What a job will take."""

    width: int
    height: int
    frames: int
    memory_bytes: int
    disk_bytes: int
    notes: tuple[str, ...]


def estimate(job: Job) -> Estimate:
    """Estimate a job.

    Raises
    ------
    InputError
        The input cannot be read, or has not the part asked for.

    """
    if job.fault:
        raise job.fault
    measures = survey(job)
    frame = measures.frame
    pixels = frame.width * frame.height
    painted = job.options.painter is PainterKind.VGG
    memory = PROGRAM_BYTES + pixels * BYTES_A_PIXEL if painted else COPYING_BYTES + pixels * 200
    disk = measures.frames * pixels * FRAME_BYTES_A_PIXEL
    # To say how many shots there are to be found, the film would have to be decoded.
    shots = (f"shots: {len(measures.shots)}",) if measures.video and measures.shots else ()
    return Estimate(frame.width, frame.height, measures.frames, memory, disk, (*shots, *notes(measures)))


def notes(measures: Survey) -> tuple[str, ...]:
    """Say what a user should know of how a film's pictures are taken and of what accompanies them."""
    video = measures.video
    if video is None or measures.delivery is None:
        return ()
    found = [f"damaged: {video.damage}; painted as far as it decodes"] if video.damage else []
    if video.picks is not None:
        found.append(f"pictures are shown again or passed over for {video.rate} a second")
    if video.interlaced:
        found.append("interlaced pictures are deinterlaced (bwdif)")
    if video.hdr:
        found.append(f"HDR ({video.hdr}) is tone-mapped to SDR (ITU-R BT.2390)")
    if video.alpha and not video.keeps_alpha:
        found.append("what is transparent shows the --background, since this codec cannot keep it")
    return (*found, *measures.delivery.notes)
