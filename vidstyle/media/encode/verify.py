"""Verification of a written film: ffmpeg exits with 0 on films that lack half of their frames."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from vidstyle.media.photo.open import photo_size
from vidstyle.media.video.probe import Kind, kind_of, probe_video


@dataclass(frozen=True)
class Contents:
    """Frames, sizes, times and audio tracks of a film."""

    frames: int
    sizes: frozenset[tuple[int, int]]
    """Widths and heights of the frames, in pixels."""
    times: tuple[Fraction, ...] = ()
    """Second at which each frame is shown, then the end of the last, as far as they are stored."""
    audio: int = 0
    """Number of audio tracks."""


def read_film(path: Path) -> Contents:
    """Read the contents of a film; the end of the last frame is not stored by every container.

    Raises
    ------
    InputError
        It cannot be read.
    """
    video = probe_video(path)
    return Contents(
        video.frames, frozenset({(video.width, video.height)}), video.timestamps, len(video.audio)
    )


def read_animation(path: Path) -> Contents:
    """Read the contents of an animated image; one whose frames are all equal is one image, without times.

    Raises
    ------
    InputError
        It cannot be read.
    """
    if kind_of(path) is Kind.PHOTO:
        return Contents(1, frozenset({photo_size(path)}))
    video = probe_video(path)
    return Contents(
        video.frames, frozenset({(video.width, video.height)}), (*video.timestamps, video.duration)
    )


def read_folder(path: Path) -> Contents:
    """Read the contents of a folder of images: their number, and the sizes of the first and the last.

    Raises
    ------
    InputError
        An image cannot be read.
    """
    files = sorted(path.iterdir())
    return Contents(len(files), frozenset(photo_size(file) for file in (*files[:1], *files[-1:])))


def verify(
    found: Contents, expected: Contents, tolerance_s: Fraction, *, merges_equal_frames: bool = False
) -> list[str]:
    """List the faults of a written film, each in a few words.

    Parameters
    ----------
    found
        Contents of the written film.
    expected
        Contents that were to be written.
    tolerance_s
        Largest error of a frame's time, in seconds.
    merges_equal_frames
        Whether equal frames in a row may have become one that is shown for longer.
    """
    merged = merges_equal_frames and 0 < found.frames < expected.frames
    if merged:
        errors = [min(abs(time - due) for due in expected.times) for time in found.times]
    else:
        errors = [abs(time - due) for time, due in zip(found.times, expected.times, strict=False)]
    faults = {
        f"{found.frames} frames instead of {expected.frames}": found.frames != expected.frames and not merged,
        _sizes(found): bool(found.sizes - expected.sizes),
        f"{found.audio} audio tracks instead of {expected.audio}": found.audio != expected.audio,
        "wrong frame times": max(errors, default=Fraction(0)) > tolerance_s,
    }
    return [fault for fault, is_present in faults.items() if is_present]


def _sizes(contents: Contents) -> str:
    return " and ".join(f"{width} x {height} pixels" for width, height in sorted(contents.sizes))
