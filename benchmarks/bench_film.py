"""Stability and style of films, against frames painted alone and against a start without flow.

    python bench_film.py CLIP [CLIP ...] [--frames N] [--size N] [--first-iterations N] [--iterations N]
        [--baseline N]

One row per clip and method:
- carried: vidstyle's own film, its first `--frames` frames, with default options but for those given;
- alone: pairs of neighbours spread over the clip, each painted from its source with as many iterations as a
  frame with a warm start;
- alone, first: the same frames with a first frame's iterations;
- no flow: the first `--baseline` frames, each started from the painted one before it as it is.
Style loss is the weighted term, a mean over frames; the warping error is a mean over pairs, next to the
source's own.
"""

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import vidstyle
from vidstyle.media.frame_png import quantize
from vidstyle.media.video.probe import probe_video
from vidstyle.media.video.reader import VideoReader
from vidstyle.motion.flow import find_motion
from vidstyle.motion.stability import warping_error
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.plan.survey import resolve

SAMPLES = Path(__file__).parents[1] / "samples"


@dataclass
class Row:
    method: str
    seconds: float = 0.0
    iterations: list[int] = field(default_factory=list)
    style: list[float] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    def cells(self, clip: str) -> list[str]:
        mean = lambda values, form: format(statistics.fmean(values), form) if values else ""  # noqa: E731
        return [
            clip,
            self.method,
            str(len(self.iterations)),
            mean(self.iterations, ".1f"),
            f"{self.seconds / max(1, len(self.iterations)):.2f}",
            mean(self.style, ",.0f"),
            mean(self.error, ".6f"),
            mean(self.floor, ".6f"),
        ]


def carried(clip: Path, style: Path, options: vidstyle.Options, folder: Path) -> Row:
    result = vidstyle.stylize(clip, style, folder / f"{clip.stem}.mp4", options=options)
    row = Row("carried", result.stages.paint + result.stages.wait)
    for frame in result.per_frame:
        row.iterations.append(frame.iterations)
        if frame.loss:  # Filled frames have none.
            row.style.append(frame.loss["style"])
        if frame.warping_error is not None:
            row.error.append(frame.warping_error)
            row.floor.append(frame.warping_error_source)
    return row


def alone(
    painter, style, images: dict[int, np.ndarray], pairs: list[tuple[int, int]], iterations: int, name: str
) -> Row:
    row, painted = Row(name), {}
    for index in sorted({i for pair in pairs for i in pair}):
        began = time.perf_counter()
        result = painter.paint(FrameTargets(images[index], style), iterations=iterations)
        row.seconds += time.perf_counter() - began
        row.iterations.append(result.iterations)
        row.style.append(result.losses["style"])
        painted[index] = quantize(result.image)
    for before, now in pairs:
        motion = find_motion(images[before], images[now])
        row.error.append(warping_error(painted[before], painted[now], motion))
        row.floor.append(warping_error(images[before], images[now], motion))
    return row


def without_flow(
    painter, style, images: dict[int, np.ndarray], count: int, options: vidstyle.PaintOptions
) -> Row:
    row, previous = Row("no flow"), None
    for index in range(count):
        began = time.perf_counter()
        number = options.first_iterations if previous is None else options.iterations
        start = None if previous is None else WarmStart(previous)
        result = painter.paint(FrameTargets(images[index], style), start, iterations=number)
        row.seconds += time.perf_counter() - began
        row.iterations.append(result.iterations)
        row.style.append(result.losses["style"])
        if previous is not None:
            motion = find_motion(images[index - 1], images[index])
            row.error.append(warping_error(previous, quantize(result.image), motion))
            row.floor.append(warping_error(images[index - 1], images[index], motion))
        previous = quantize(result.image)
    return row


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("clips", nargs="*", type=Path, default=[SAMPLES / "bunny.mp4"])
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--first-iterations", type=int, default=vidstyle.PaintOptions.first_iterations)
    parser.add_argument("--iterations", type=int, default=vidstyle.PaintOptions.iterations)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--baseline", type=int, default=12)
    parser.add_argument(
        "--first", action="store_true", help="also paint the pairs with a first frame's iterations"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="folder to keep the painted films in")
    arguments = parser.parse_args()
    paint = vidstyle.PaintOptions(
        first_iterations=arguments.first_iterations, iterations=arguments.iterations
    )
    table = []
    print("| clip | method | frames | iterations | s a frame | style loss | warping error | source's own |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        for clip in arguments.clips:
            video = probe_video(clip)
            count = min(arguments.frames, video.frames)
            source = vidstyle.SourceOptions(
                size=vidstyle.Size(arguments.size), end=vidstyle.Time(frame=count)
            )
            options = vidstyle.Options(paint=paint, source=source)

            def show(row: Row, name: str = clip.stem) -> None:
                print("| " + " | ".join(row.cells(name)) + " |", flush=True)
                table.append({"clip": name, **vars(row)})

            show(carried(clip, arguments.style, options, folder))
            job = vidstyle.plan([clip], [arguments.style], folder / "unused.mp4", options)[0]
            spec = resolve(job)
            with VideoReader(video, spec.size, 0, count) as reader:
                images = dict(enumerate(reader))
            painters = PainterCache()
            painter = painters.painter(options)
            style = painters.style(painter, job.styles, spec.style_sizes)
            starts = np.linspace(0, count - 2, arguments.pairs).astype(int).tolist()
            pairs = [(start, start + 1) for start in starts]
            show(alone(painter, style, images, pairs, paint.iterations, "alone"))
            if arguments.first:
                show(alone(painter, style, images, pairs, paint.first_iterations, "alone, first"))
            show(without_flow(painter, style, images, min(arguments.baseline, count), paint))
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
