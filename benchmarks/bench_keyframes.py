"""Films of which only keyframes are painted, next to films of which every frame is.

    python bench_keyframes.py CLIP [CLIP ...] [--style FILE] [--frames N] [--size N] [--every N ...]
        [--keep FOLDER] [--json FILE]

One row per clip and `--paint-every`: seconds per frame, frames that were painted, iterations of each of them
but the first, the style loss of all frames by the painter's own network, the warping error between neighbours
and between frames ten apart, the sharpness of filled frames over that of painted ones, and the largest peak
that the keyframes leave in the spectrum of the error from frame to frame: its power at their rate over the
median of its neighbours.
"""

import statistics
import tempfile
from pathlib import Path

import numpy as np
from tables import SAMPLES, Table, parser_of, write

import vidstyle
from vidstyle.media.frame_png import read_frame
from vidstyle.motion.stability import sharpness
from vidstyle.options.keywords import with_keywords
from vidstyle.pipeline.paint.painter_cache import PainterCache
from vidstyle.pipeline.plan.survey import resolve
from vidstyle.pipeline.work.workdir import read_about

COLUMNS = (
    ("clip", ""),
    ("paint every", ""),
    ("s per frame", ".2f"),
    ("painted", "d"),
    ("frames", "d"),
    ("iterations", ".1f"),
    ("style loss", ",.0f"),
    ("warping error", ".6f"),
    ("source's own", ".6f"),
    ("ten apart", ".5f"),
    ("sharpness", ".3f"),
    ("peak", ".2f"),
)
NEIGHBOURS = 3
"""Frequencies on each side of the keyframes' rate that it is compared with."""
MIN_FRAMES = 32
"""Frames below which a spectrum does not tell."""


def peak_of(errors: list[float], spans: list[int]) -> float | None:
    """Power of the error at the rate of the commonest span, over the median of its neighbours."""
    span = max(set(spans), key=spans.count)
    if span < 2 or len(errors) < MIN_FRAMES:
        return None
    values = np.asarray(errors) - np.mean(errors)
    power = np.abs(np.fft.rfft(values * np.hanning(len(values)))) ** 2
    at = round(len(values) / span)
    near = [i for i in range(at - NEIGHBOURS, at + NEIGHBOURS + 1) if i != at and 0 < i < len(power)]
    return float(power[at] / np.median(power[near])) if at < len(power) else None


def painted(clip: Path, style: Path, every: str, frames: int, size: int, folder: Path) -> list:
    """Paint a clip, and give the cells of its row."""
    output = folder / f"{clip.stem}-{every}.mkv"
    keywords = {"size": size, "end": f"{frames}f", "paint_every": every}
    options = with_keywords(vidstyle.Options(), keywords)
    job = vidstyle.plan([clip], [style], output, options, overwrite=True)[0]
    (result,) = vidstyle.stylize_many([job], keep_frames=True, debug=True)
    kinds = [frame.kind for frame in result.per_frame]
    works = folder.glob(".vidstyle/*/about.json")
    work = next(path.parent for path in works if Path(read_about(path.parent)["output"]) == output)
    images = [read_frame(work / "frames" / f"{frame.index:06d}.png") for frame in result.per_frame]
    painters, spec = PainterCache(), resolve(job)
    painter = painters.painter(options)
    target = painters.style(painter, job.styles, spec.style_sizes)
    places = [place for place, kind in enumerate(kinds) if kind == "painted"]
    sharp = [sharpness(image) for image in images]
    filled = [value for value, kind in zip(sharp, kinds, strict=True) if kind != "painted"]
    errors = [frame.warping_error for frame in result.per_frame if frame.warping_error is not None]
    iterations = [result.per_frame[place].iterations for place in places[1:]]
    return [
        clip.stem,
        every,
        result.seconds / len(images),
        len(places),
        len(images),
        statistics.fmean(iterations),
        statistics.fmean(painter.measure(image, target) for image in images),
        result.warping_error,
        result.warping_error_source,
        result.warping_error_10,
        statistics.fmean(filled) / statistics.fmean(sharp[p] for p in places) if filled else None,
        peak_of(errors, np.diff(places).tolist()),
    ]


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("clips", nargs="*", type=Path, default=[SAMPLES / "bunny.mp4"])
    parser.add_argument("--style", type=Path, default=SAMPLES / "starry.jpg")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--every", nargs="*", default=["auto", "1"])
    parser.add_argument("--keep", type=Path, help="folder to keep the painted films in")
    arguments = parser.parse_args()
    table = Table("Keyframes", COLUMNS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for clip in arguments.clips:
            for every in arguments.every:
                table.add(*painted(clip, arguments.style, every, arguments.frames, arguments.size, folder))
    write(arguments.json, [table])


if __name__ == "__main__":
    main()
