from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from support.clips import STARRY

from vidstyle.errors import Interrupted
from vidstyle.neural import descent as module
from vidstyle.neural.inputs import FrameTargets, WarmStart
from vidstyle.neural.optimize.monitor import Monitor
from vidstyle.neural.painter import OptimizingPainter
from vidstyle.options.groups import MachineOptions, Optimizer, PaintOptions, Precision
from vidstyle.options.layers import Layers
from vidstyle.options.objective import ObjectiveOptions

MACHINE = MachineOptions(device="cpu", precision=Precision.FLOAT32)
PAINT = PaintOptions(stop_below=0, windows_above=64, first_iterations=6, iterations=4)
OBJECTIVE = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1"), style_layers=Layers.parse("conv1_1,conv2_1:2")
)
SIZE = 144, 256
PLACE = np.s_[48:80, 48:80]


@pytest.fixture(scope="module")
def painter():
    return OptimizingPainter(PAINT, MACHINE, OBJECTIVE)


@pytest.fixture(scope="module")
def scene(painter):
    """Targets, and the warm start of a painting in which one place is new."""
    picture = np.asarray(Image.open(STARRY).convert("RGB"), np.float32) / 255
    content = picture[300 : 300 + SIZE[0], 100 : 100 + SIZE[1]].copy()
    targets = FrameTargets(content, painter.prepare([picture[100:140, 200:250]]))
    first = painter.paint(targets)
    before = first.image.copy()
    before[PLACE] = content[PLACE]
    new = np.zeros(SIZE, np.float32)
    new[PLACE] = 1
    start = WarmStart(
        before, first.image, 1 - new, first.hessian_scale, target_losses=first.reached_losses, new=new
    )
    return targets, start


def changed(painted, start):
    return np.abs(painted.image - start.image).max(axis=-1) > 0


def test_only_what_is_new_is_painted(painter, scene):
    targets, start = scene
    start = replace(start, target_losses=(1e9, 1e9), least_iterations=4)
    found = changed(painter.paint(targets, start), start)
    assert found[PLACE].mean() > 0.9
    found[16:112, 16:112] = False
    assert not found.any()


def test_losses_are_those_of_the_whole_image(painter, scene):
    targets, start = scene
    start = replace(start, target_losses=(1e9, 1e9), least_iterations=4)
    painted = painter.paint(targets, start)
    losses = painted.losses
    assert painted.reached_losses == pytest.approx((losses["content"], losses["style"]), rel=0.02)


def test_whole_image_is_painted_where_the_rest_is_poor(painter, scene):
    targets, start = scene
    start = replace(start, target_losses=(0.0, 0.0))
    painted = painter.paint(targets, start)
    assert changed(painted, start).mean() > 0.9
    assert painted.iterations <= PAINT.iterations


@pytest.mark.parametrize(
    "options",
    [
        replace(PAINT, windows_above=0),
        replace(PAINT, windows_above=max(SIZE)),
        replace(PAINT, optimizer=Optimizer.ADAM),
    ],
    ids=["disabled", "small", "adam"],
)
def test_whole_image_is_painted_without_windows(monkeypatch, options, scene):
    monkeypatch.setattr(module, "lay_windows", lambda _: pytest.fail("windows are laid"))
    targets, start = scene
    painter = OptimizingPainter(options, MACHINE, OBJECTIVE)
    start = replace(start, target_losses=(1e9, 1e9), least_iterations=1)
    painter.paint(targets, start, iterations=1)


def test_loss_that_needs_the_whole_image_takes_no_windows(monkeypatch, scene):
    monkeypatch.setattr(module, "lay_windows", lambda _: pytest.fail("windows are laid"))
    targets, start = scene
    painter = OptimizingPainter(PAINT, MACHINE, replace(OBJECTIVE, laplacian_weight=1.0))
    painter.paint(targets, replace(start, target_losses=(1e9, 1e9)), iterations=1)


def test_painting_in_windows_is_reproducible(painter, scene):
    targets, start = scene
    start = replace(start, target_losses=(1e9, 1e9), least_iterations=2)
    one, other = (painter.paint(targets, start).image for _ in range(2))
    assert np.array_equal(one, other)


def test_stopping_in_a_window_interrupts(painter, scene):

    targets, start = scene
    start = replace(start, target_losses=(1e9, 1e9), least_iterations=4)
    with pytest.raises(Interrupted):
        painter.paint(targets, start, monitor=Monitor(should_stop=lambda: True))
