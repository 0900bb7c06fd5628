"""A shot with a known motion, a fake painter and a work folder, and everything that came of painting it."""

import threading
from contextlib import contextmanager

import cv2
import numpy as np

from support.fakes import FakePainter
from vidstyle.events import StopRequest
from vidstyle.options.groups import MotionOptions, Options
from vidstyle.options.values import TemporalFrames
from vidstyle.pipeline.flow_source import ComputedFlow
from vidstyle.pipeline.paint.multipass import paint_passes
from vidstyle.pipeline.paint.recurring_shots import find_recurring_frame
from vidstyle.pipeline.paint.scales import Scale
from vidstyle.pipeline.paint.session import JobContext
from vidstyle.pipeline.paint.targets import TargetSource
from vidstyle.pipeline.results import Stages
from vidstyle.pipeline.work.workdir import Workdir

FRAMES = 8


def moving_texture(frames=FRAMES, shift_px=2):
    """A texture that moves to the left, and reveals more of itself at the right."""
    rough = np.random.default_rng(3).random((30, 200, 3), np.float32)
    texture = np.clip(cv2.GaussianBlur(rough, (0, 0), 1.5) * 3 - 1, 0, 1)
    return [np.ascontiguousarray(texture[:, t * shift_px : t * shift_px + 40]) for t in range(frames)]


def living_threads():
    names = ("decode", "flow", "encode", "save")
    return [thread for thread in threading.enumerate() if thread.name.startswith(names)]


class Stage:
    """A film, a painter and a work folder, and what came of them."""

    def __init__(self, folder, images=None, painter=FakePainter, *, passes=1, distances=(1,)):
        self.images = images or moving_texture()
        self.output = folder / "out.mp4"
        self.painter = painter(self.images)
        self.opened, self.read, self.events, self.done = [], [], [], []
        self.stop, self.stages = StopRequest(), Stages()
        self.on_done = lambda _metrics: None
        self.flow = ComputedFlow()
        self.read_error = {}
        self.motion = MotionOptions(passes=passes, temporal_frames=TemporalFrames(distances))
        self.targets = TargetSource(object(), Scale(40, 30, 1))

    @contextmanager
    def source(self, index):
        def frames():
            for number in range(index, len(self.images)):
                if error := self.read_error.get(number):
                    raise error
                self.read.append(number)
                yield self.images[number]

        self.opened.append(index)
        try:
            yield frames()
        finally:
            self.opened.append("closed")

    def context(self, work, start=0):
        def on_frame(metrics):
            self.done.append((metrics.index, metrics.resumed))
            self.events.append(metrics.event(5, start))
            self.on_done(metrics)

        return JobContext(
            job=5,
            first=start,
            options=Options(),
            work=work,
            source=self.source,
            painter=self.painter,
            targets=self.targets,
            flow=self.flow,
            motion=self.motion,
            observer=self.events.append,
            stop=self.stop,
            on_frame=on_frame,
            stages=self.stages,
        )

    def paint(self, start=0, stop=None, ends=()):
        self.done = []
        with Workdir(self.output, "key") as work:
            self.work = work
            recurs_from = None
            if ends and self.targets.starts_from_source:
                recurs_from = find_recurring_frame(self.source, ends, start)
            paint_passes(self.context(work, start), start, stop or len(self.images), recurs_from)

    def lose(self, *indices):
        for index in indices:
            self.work.frame(index).write_bytes(b"damaged")

    @property
    def bytes(self):
        return {path.name: path.read_bytes() for path in self.work.frames.iterdir()}

    @property
    def finished(self):
        with Workdir(self.output, "key") as work:
            return [index for index in range(len(self.images)) if work.get(index)]
