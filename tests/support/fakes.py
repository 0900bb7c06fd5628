"""Fake painter: a few operations in place of hours of optimisation."""

from dataclasses import dataclass

import numpy as np

from vidstyle.errors import DeviceFullError, Interrupted
from vidstyle.events import Losses
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.optimize.monitor import Monitor, Progress
from vidstyle.neural.result import Painted


@dataclass(frozen=True)
class Given:
    """Arguments of one call of `paint`."""

    targets: FrameTargets
    start: WarmStart | None
    iterations: int | None
    monitor: Monitor


class FakePainter:
    """Painter whose image depends on everything that it is given.

    Parameters
    ----------
    images
        Frames of the source, by whose identity it tells which one it paints.

    """

    uses_style = True
    uses_predecessors = True

    def __init__(self, images=()):
        self.images, self.painted, self.given, self.begun = images, [], [], []
        self.before = lambda _index, _report: None
        self.encoded, self.features = [], []
        self.prepared, self.rated, self.rate_of_all = [], [], None

    def prepare(self, styles, weights=None):
        self.prepared.append(([image.shape for image in styles], weights))
        return tuple(styles)

    def encode_content(self, content):
        self.encoded.append(self._index(content))
        return self.encoded[-1]

    def _index(self, content):
        return next(number for number, image in enumerate(self.images) if image is content)

    def paint(self, targets, start=None, *, iterations=None, monitor=None):
        index = self._index(targets.content)
        assert targets.features in (None, index)
        self.features.append(targets.features)
        progress = Progress(iteration=1, iterations=2, loss=3.0, seconds=0.5, steps=1, left=1)
        self.before(index, lambda: monitor.on_progress(progress))
        if monitor.should_stop():
            raise Interrupted("now")
        self.painted.append(index)
        self.given.append(Given(targets, start, iterations, monitor))
        begun = start or WarmStart(targets.content if targets.initial is None else targets.initial)
        image = 0.5 * targets.content + 0.4 * begun.image
        if begun.warped is not None:
            image = image + 0.02 * begun.warped
        if begun.trust is not None:
            image = image + 0.02 * begun.trust[..., None]
        scale = float(np.float32(0.9) * np.float32(begun.hessian_scale) + np.float32(1 / 3))
        phase = scale + sum(begun.target_losses or (0.0,)) + begun.temporal_scale
        image = np.clip(image + 0.01 * np.sin(phase), 0, 1).astype(np.float32)
        losses = Losses(content=float(image[0, 0, 0]), style=float(image[1, 1, 1]), tv=0.0, temporal=0.0)
        reached = losses["content"], losses["style"]
        return Painted(image, lambda: losses, 2, 0, scale, 0.25, reached)

    def rate(self, targets):
        self.rated.append((targets.content.shape, targets.protect))
        return self.rate_of_all

    def measure(self, image, _style):
        return float(image.mean())

    def set_tile_size(self, side_px):
        self.tile_px = side_px

    def use_smaller_tiles(self, _height, _width):
        return None


class BrighteningPainter(FakePainter):
    """Painter that brightens what it starts from, and reports one iteration."""

    def __init__(self, by=0.1):
        super().__init__()
        self.by = by

    def paint(self, targets, start=None, *, iterations=None, monitor=None):
        assert not monitor.should_stop()
        self.given.append(Given(targets, start, iterations, monitor))
        if start is None:
            image = targets.content if targets.initial is None else targets.initial
        else:
            image = start.image()
        self.begun.append(image)
        monitor.on_progress(Progress(2, iterations, 1.0, 0.5, 2, iterations - 2))
        if monitor.snapshots:
            monitor.snapshots(image)
        losses = Losses(content=1, style=2, tv=3, temporal=4)
        return Painted(image + np.float32(self.by), lambda: losses, iterations - 1, 1, 0.5, 2.0)


class FullPainter(FakePainter):
    """Painter whose device is full at the fourth frame, until it encodes in tiles."""

    tile_px = None

    def use_smaller_tiles(self, _height, _width):
        self.tile_px = 256
        return self.tile_px

    def paint(self, targets, start=None, **more):
        if targets.content is self.images[3] and not self.tile_px:
            raise DeviceFullError("It is full.")
        return super().paint(targets, start, **more)
