"""Time from the command's start to the painter's first step, by parts.

    python bench_startup.py [--photo FILE] [--size N] [--rounds N] [--json FILE]

Parts in one process, one after the other: imports, the weights, the style, the content's features, and the
first evaluation, compilation included. Next to them the whole command with `--log-json`, until its first
iteration is reported.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from itertools import pairwise
from pathlib import Path

from tables import SAMPLES, Table, child, command_of, median, parser_of, write

PARTS = (
    "command line",
    "libraries of pictures",
    "tensor libraries",
    "weights",
    "photo",
    "style",
    "first step",
    "second step",
)


def parts(arguments: argparse.Namespace) -> list[tuple[float, float]]:
    """Time each part in this process: seconds, and seconds of the processor."""
    moments = [(time.perf_counter(), time.process_time())]

    def done(_progress: object = None) -> None:
        moments.append((time.perf_counter(), time.process_time()))

    for name in ("vidstyle.cli.app", "vidstyle.pipeline.job", "vidstyle.neural.device.backend"):
        import_module(name)
        done()
    from vidstyle.neural.inputs import FrameTargets
    from vidstyle.neural.optimize.monitor import Monitor
    from vidstyle.options.groups import Options, SourceOptions
    from vidstyle.options.values import Size
    from vidstyle.pipeline.paint.painter_cache import PainterCache
    from vidstyle.pipeline.paint.passes import open_source
    from vidstyle.pipeline.plan.jobs import plan
    from vidstyle.pipeline.plan.survey import resolve

    painters, options = PainterCache(), Options(source=SourceOptions(Size(arguments.size)))
    painter = painters.painter(options)
    done()
    (job,) = plan([arguments.photo], [SAMPLES / "starry.jpg"], Path("unused.png"), options)
    spec = resolve(job)
    with open_source(spec)(0) as images:
        (photo,) = images
    done()
    style = painters.style(painter, job.styles, spec.style_sizes)
    done()
    painter.paint(FrameTargets(photo, style), iterations=1, monitor=Monitor(on_progress=done))
    return [
        (after - before, busy_after - busy)
        for (before, busy), (after, busy_after) in pairwise(moments[: len(PARTS) + 1])
    ]


def whole(arguments: argparse.Namespace) -> float:
    """Time the command until it reports its first iteration."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["--style", SAMPLES / "starry.jpg", "-o", "out.png", "--size", arguments.size, "--log-json"]
        began = time.perf_counter()
        process = subprocess.Popen(
            command_of(arguments.photo.resolve(), *words), cwd=folder, stdout=subprocess.PIPE, text=True
        )
        for line in process.stdout:
            if json.loads(line)["event"] == "Iterated":
                break
        seconds = time.perf_counter() - began
        process.kill()
        process.communicate()
    return seconds


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--photo", type=Path, default=SAMPLES / "coffee.jpg")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.parts:
        print(json.dumps(parts(arguments)))
        return
    common = ["--photo", arguments.photo, "--size", arguments.size]
    each, command = [], []
    for _ in range(arguments.rounds):
        each.append(child(sys.executable, __file__, *common, "--parts"))
        command.append(whole(arguments))
    table = Table(
        f"Start-up at {arguments.size} px, seconds, medians of {arguments.rounds}; "
        "the command's own includes the estimate.",
        (("part", ""), ("seconds", ".2f"), ("of a core", ".2f")),
    )
    for name, values in zip(PARTS, zip(*each, strict=True), strict=True):
        table.add(name, *(median(column) for column in zip(*values, strict=True)))
    sums = ([sum(column) for column in zip(*values, strict=True)] for values in each)
    table.add("together", *(median(column) for column in zip(*sums, strict=True)))
    table.add("the command, until its first iteration is told", median(command), None)
    write(arguments.json, [table])


if __name__ == "__main__":
    main()
