"""Sheet of a film's keyframes: some of each shot, painted small, as a preview of the film."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vidstyle.errors import InputError, Interrupted, OutputError, quoted, reason
from vidstyle.events import Status, StopRequest
from vidstyle.imaging.types import Image
from vidstyle.media.frame_png import read_frame, write_frame
from vidstyle.media.photo.contact_sheet import write_sheet
from vidstyle.media.photo.writer import check_photo_output
from vidstyle.media.video.probe import Kind, Video, kind_of
from vidstyle.media.video.reader import VideoReader
from vidstyle.options.groups import Options
from vidstyle.options.style import Style
from vidstyle.pipeline.plan.jobs import plan
from vidstyle.pipeline.plan.ranges import spread_evenly
from vidstyle.pipeline.plan.survey import JobSpec, resolve
from vidstyle.pipeline.run import stylize_many
from vidstyle.pipeline.shots import Bounds, plan_shot, shots_of

PER_SHOT = 3
"""Most keyframes of a shot on the sheet."""
MAX_CELLS = 9
"""Keyframes on the sheet, at most; of more shots than that, some are chosen."""


@dataclass(frozen=True)
class ShotKeyframes:
    """A shot with its keyframes."""

    start_s: float
    """Time of its first frame, in seconds."""
    frames: int
    keyframes: tuple[int, ...]
    """By their indices in the source."""


def paint_keyframe_sheet(
    film: Path,
    styles: Sequence[Style],
    options: Options,
    output: Path,
    *,
    stop: StopRequest | None = None,
    on_cell: Callable[[int, int], None] = lambda _done, _cells: None,
) -> list[ShotKeyframes]:
    """Find the shots and keyframes of a film, paint some of each shot, and write a labelled sheet.

    Parameters
    ----------
    film
        The film.
    styles
        Its styles.
    options
        Options, with the size of the paintings.
    output
        File of the sheet.
    stop
        Request to stop.
    on_cell
        Called with the number of painted keyframes, and that of all on the sheet.

    Returns
    -------
    list of ShotKeyframes
        The shots in their order.

    Raises
    ------
    InputError
        The file is not a film, or cannot be read, or its masks move.
    VidstyleError
        Whatever keeps a keyframe from being painted.

    """
    check_photo_output(output)
    if film.is_file() and kind_of(film) is Kind.PHOTO:
        raise InputError(f"{quoted(film)} is a photo, which has no keyframes; give a film.")
    stop = stop or StopRequest()
    with tempfile.TemporaryDirectory(prefix="vidstyle-") as name:
        folder = Path(name)
        job = plan([film], styles, folder / "unused.mkv", _without_times(options))[0]
        if job.fault:
            raise job.fault
        spec = resolve(job)
        assert spec.video is not None  # noqa: S101 - a photo is refused above.
        if spec.masks.moves:
            raise InputError(
                f"the masks of {quoted(film)} move, and a sheet shows single frames; give single images, or "
                "omit the masks."
            )
        shots = shots_of(spec, stop)
        keyframes = [plan_shot(spec, shot, stop) for shot in shots]
        rows = _choose(shots, keyframes)
        frames = _save_frames(spec, sorted(index for row in rows for index in row), folder)
        jobs = [
            plan([frames[index]], styles, folder / f"painted-{index}.png", _without_times(options))[0]
            for row in rows
            for index in row
        ]
        painted: dict[Path, Image] = {}
        for done, result in enumerate(stylize_many(jobs, stop=stop, debug=True), 1):
            if result.status is Status.INTERRUPTED:
                raise Interrupted("Stopped; there is no sheet.")
            painted[result.output] = read_frame(result.output)
            on_cell(done, len(jobs))
        cells = [[painted[folder / f"painted-{index}.png"] for index in row] for row in rows]
    write_sheet(output, cells, [[_label(spec.video, index) for index in row] for row in rows])
    times = spec.video.timestamps
    return [
        ShotKeyframes(float(times[start]), end - start, of_shot)
        for (start, end), of_shot in zip(shots, keyframes, strict=True)
    ]


def _without_times(options: Options) -> Options:
    """Drop what belongs to times of the film, and what does not show in a picture of a frame."""
    motion = replace(options.motion, keyframe=())
    return replace(options, motion=motion, style=replace(options.style, strength_at=()))


def _choose(shots: Sequence[Bounds], keyframes: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """Choose the keyframes on the sheet: a row of up to `PER_SHOT` per shot, evenly spread.

    Of many shots there is one each, from the middle, in rows of as many.
    """
    places = spread_evenly(len(shots), MAX_CELLS)
    per_shot = max(1, min(PER_SHOT, MAX_CELLS // len(places)))
    if per_shot == 1:
        middles = [keyframes[place][len(keyframes[place]) // 2] for place in places]
        return [middles[first : first + PER_SHOT] for first in range(0, len(middles), PER_SHOT)]
    return [
        [keyframes[place][chosen] for chosen in spread_evenly(len(keyframes[place]), per_shot)]
        for place in places
    ]


def _save_frames(spec: JobSpec, indices: Sequence[int], folder: Path) -> dict[int, Path]:
    """Save frames of the source as pictures, for the painter of photos."""
    assert spec.video is not None  # noqa: S101 - a photo is refused before.
    found = {}
    try:
        for index, image in _frames(spec.video, spec, indices):
            found[index] = folder / f"{index}.png"
            write_frame(found[index], np.asarray(image, np.float32), durable=False)
    except OSError as exc:
        raise OutputError(
            f"the folder {quoted(folder)} cannot be used: {reason(exc)}; free space there."
        ) from exc
    return found


def _frames(video: Video, spec: JobSpec, indices: Sequence[int]) -> Iterator[tuple[int, Image]]:
    for index in indices:
        with VideoReader(video, spec.size, index, index + 1) as images:
            yield index, next(iter(images))


def _label(video: Video, index: int) -> str:
    minutes, seconds = divmod(float(video.timestamps[index]), 60)
    return f"{int(minutes)}:{seconds:05.2f}, frame {index}"
