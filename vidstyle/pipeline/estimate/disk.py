"""Estimate of the disk space that a job's work folder takes at its fullest, with the terms of the sum."""

from dataclasses import dataclass

from vidstyle.pipeline.compositing import compositing_of
from vidstyle.pipeline.painters.registry import painter_type
from vidstyle.pipeline.plan.survey import JobSpec
from vidstyle.pipeline.work.workdir import ExistingWork

FLOW_BYTES_PER_PIXEL = 10
"""Optical flow of a frame pair: forward and backward, two numbers of 16 bits each with a mask,
uncompressed."""


@dataclass(frozen=True)
class DiskNeed:
    """Data still to be written into a work folder, at the time when it holds most."""

    width: int
    height: int
    bytes_per_pixel: float
    """Bytes per pixel of a stored frame."""
    frames: int
    """Frames to store."""
    earlier: int = 0
    """Frames of an earlier pass: those of a shot, until it is finished."""
    flows: int = 0
    """Frame pairs whose flow is stored for the next pass, until their shot is finished."""
    transparent: int = 0
    """Frames to store again with their transparency, to be encoded."""
    composited: int = 0
    """Composited frames, to be encoded."""

    @property
    def total_bytes(self) -> int:
        """Sum of all terms."""
        frames = self.bytes_per_pixel * (self.frames + self.earlier + self.composited)
        transparent = self._bytes_with_alpha * self.transparent
        return round(self.width * self.height * (frames + transparent + FLOW_BYTES_PER_PIXEL * self.flows))

    @property
    def _bytes_with_alpha(self) -> float:
        return self.bytes_per_pixel * 4 / 3

    def __str__(self) -> str:
        """List the terms: `36 frames of 64 x 48 pixels (6 bytes per pixel) and 36 of an earlier pass`."""
        stored, with_alpha = self.bytes_per_pixel, self._bytes_with_alpha
        terms = [f"{self.frames} frames of {self.width} x {self.height} pixels ({stored:g} bytes per pixel)"]
        if self.earlier:
            terms.append(f"{self.earlier} of an earlier pass")
        if self.flows:
            terms.append(f"flow of {self.flows} frame pairs ({FLOW_BYTES_PER_PIXEL} bytes per pixel)")
        if self.transparent:
            terms.append(f"{self.transparent} frames with transparency ({with_alpha:g} bytes per pixel)")
        if self.composited:
            terms.append(f"{self.composited} composited frames ({stored:g} bytes per pixel)")
        return " and ".join(filter(None, (", ".join(terms[:-1]), terms[-1])))


def disk_needed(spec: JobSpec, existing: ExistingWork | None = None) -> DiskNeed:
    """Estimate the disk space that a job still takes.

    Parameters
    ----------
    spec
        The job.
    existing
        Work that earlier runs have left, which takes no more space.

    """
    options, motion, existing = spec.job.options, spec.motion, existing or ExistingWork()
    # Where shots are still to be detected, the video may be a single one.
    shots = spec.shots or ((spec.start, spec.stop),)
    longest = max(stop - start for start, stop in shots)
    repeats = motion.passes > 1
    pairs = sum(max(0, longest - distance) for distance in motion.temporal_frames.frames)
    return DiskNeed(
        width=spec.size.width,
        height=spec.size.height,
        bytes_per_pixel=painter_type(options).stored_bytes_per_pixel,
        frames=max(0, spec.frames - existing.frames),
        earlier=max(0, longest - existing.earlier) if repeats else 0,
        flows=max(0, pairs - existing.flows) if repeats and motion.flow.folder is None else 0,
        transparent=spec.frames if spec.video and spec.video.keeps_alpha else 0,
        composited=spec.frames if compositing_of(options, spec.job.styles).changes else 0,
    )
