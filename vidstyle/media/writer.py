"""Puts painted frames, the source's sound and what else belongs to a film together, checks the result, publishes it."""

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import ffmpeg

from vidstyle.errors import EncodeError, InputError, UsageError, quoted, reason
from vidstyle.media.ffmpeg import binary, encoders, run
from vidstyle.media.files import TEMPORARY, check_place, plain_name
from vidstyle.media.graph import COPIED, joined, pictures, prepared
from vidstyle.media.probe import Frame, Video, probe_video

_TOLERANCE_S = Fraction(1, 1000)


def check_output(path: Path) -> None:
    """Say what would keep a film from being written to `path`, before any work is done for it.

    Raises
    ------
    UsageError
        The ending is none that a film can be written to.
    OutputError
        The folder is missing or cannot be written, or `path` is a folder.
    EncodeError
        ffmpeg is missing, or has no encoder for H.264.
    """
    if path.suffix.lower() not in COPIED:
        raise UsageError(f"{quoted(path)} has no ending of a film; write to .mp4, .mov or .mkv.")
    check_place(path)
    program = binary()
    if "libx264" not in encoders(program):
        raise EncodeError(
            f"{quoted(program)} has no encoder libx264; set VIDSTYLE_FFMPEG to an ffmpeg that has."
        )


def write_film(
    frames: Path,
    output: Path,
    video: Video,
    frame: Frame,
    start: int,
    stop: int,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Write frames [start, stop) of a film, with its sound, to `output` at once.

    The whole film keeps every audio track bit for bit where the container can hold it, and its chapters; a part gets
    its sound cut to match, as AAC. The same frames give the same bytes.

    Parameters
    ----------
    frames
        Folder of 16-bit RGB pictures, named by their index in the source: `000012.png`.
    output
        File to write, ending in .mp4, .mov or .mkv.
    video
        The source.
    frame
        Size and pixel aspect of the pictures.
    start, stop
        Range of frames in the source.
    should_stop
        Asked about ten times a second; True gives up.

    Raises
    ------
    EncodeError
        ffmpeg failed, or what it made is not the film it was given.
    Interrupted
        `should_stop` said so.
    """
    name = f"{TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}{output.suffix.lower()}"
    temporary = output.parent / name
    whole = (start, stop) == (0, video.frames)
    try:
        with ExitStack() as stack:
            # ffmpeg-python takes no name that is not UTF-8.
            film, folder, stills = (
                Path(stack.enter_context(plain_name(path))) for path in (video.path, output.parent, frames)
            )
            source, options = stack.enter_context(pictures(stills, video, start, stop))
            picture = prepared(
                # The folder may hold more; `-frames:v` instead would end the sound as well.
                ffmpeg.input(source, **options).filter("trim", end_frame=stop - start),
                video,
                frame,
                video.offset if whole else Fraction(0),
            )
            graph = joined(picture, replace(video, path=film), start, stop, folder / name, whole=whole)
            run(graph, what=f"make {quoted(output)}", should_stop=should_stop)
        _check(temporary, output, video, frame, start, stop)
        _synced(temporary)
        temporary.replace(output)
    except OSError as exc:
        raise EncodeError(
            f"{quoted(output)} cannot be written: {reason(exc)}; free space or choose another folder."
        ) from exc
    finally:
        with suppress(OSError):
            temporary.unlink()


def _check(made: Path, output: Path, video: Video, frame: Frame, start: int, stop: int) -> None:
    """Reopen what ffmpeg made: it exits with 0 on films that lack half of what they were given."""
    try:
        film = probe_video(made)
    except InputError as exc:
        raise EncodeError(
            f"{quoted(output)} came out unreadable; free space and run the same command again."
        ) from exc
    first = video.timestamps[start]
    expected = [time - first for time in video.timestamps[start:stop]]
    if not video.variable:
        expected = [index / video.rate for index in range(stop - start)]
    faults = {
        f"{film.frames} frames instead of {stop - start}": film.frames != stop - start,
        f"{film.width} x {film.height} pixels": (film.width, film.height) != (frame.width, frame.height),
        f"{len(film.audio)} audio tracks instead of {len(video.audio)}": len(film.audio) != len(video.audio),
        "wrong times": any(
            abs(is_at - due) > _TOLERANCE_S for is_at, due in zip(film.timestamps, expected, strict=False)
        ),
    }
    if found := [fault for fault, present in faults.items() if present]:
        raise EncodeError(
            f"{quoted(output)} came out with {' and '.join(found)}, so it was thrown away; run the same command again."
        )


def _synced(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
