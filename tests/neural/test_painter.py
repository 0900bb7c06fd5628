from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image
from support.checkpoints import MemoryCheckpoints
from support.clips import STARRY
from support.devices import full
from support.painting import paint_image

from vidstyle.errors import DeviceFullError, Interrupted, PainterError, WeightsError
from vidstyle.neural import compiled as functions_module
from vidstyle.neural.device.backend import keras
from vidstyle.neural.device.retry import retry_smaller
from vidstyle.neural.optimize import driver as module
from vidstyle.neural.painter import OptimizingPainter
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import MachineOptions, Optimizer, PaintOptions, Precision
from vidstyle.options.layers import Layers
from vidstyle.options.objective import ObjectiveOptions, Pooling
from vidstyle.options.values import Tile

MACHINE = MachineOptions(device="cpu", precision=Precision.FLOAT32)
PAINT = PaintOptions(stop_below=0)
# Two blocks of the network are enough to tell, and quick.
OBJECTIVE = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1"), style_layers=Layers.parse("conv1_1,conv2_1:2")
)


@pytest.fixture(scope="module")
def picture():
    return np.asarray(Image.open(STARRY).convert("RGB"), np.float32) / 255


@pytest.fixture(scope="module")
def content(picture):
    return picture[300:348, 100:164].copy()


@pytest.fixture(scope="module")
def painter():
    return OptimizingPainter(PAINT, MACHINE, OBJECTIVE)


@pytest.fixture(scope="module")
def style(painter, picture):
    return painter.prepare([picture[100:140, 200:250]])


@pytest.fixture(scope="module")
def painted(painter, content, style):
    return paint_image(painter, content, style, iterations=8)


def test_painting_lowers_the_loss_and_stays_in_range(painter, content, style, painted):
    before = paint_image(painter, content, style, iterations=1)
    assert painted.losses.total < before.losses.total
    assert painted.image.shape == content.shape
    assert painted.image.dtype == np.float32
    assert painted.image.min() >= 0
    assert painted.image.max() <= 1
    assert painted.iterations == 8
    assert painted.seconds > 0


def test_losses_of_a_warm_started_frame_are_computed_when_asked_for(painter, content, style, monkeypatch):
    found, terms = [], painter._functions.terms
    monkeypatch.setattr(painter._functions, "terms", lambda *given: found.append(1) or terms(*given))
    first = paint_image(painter, content, style, iterations=1)
    assert found == [1]
    carried = paint_image(painter, content, style, image=first.image, warped=first.image, iterations=1)
    assert found == [1]
    assert carried.losses == carried.losses
    assert found == [1, 1]


def test_painting_repeats_to_the_same_bytes(painter, content, style, painted):
    again = paint_image(painter, content, style, iterations=8)
    assert again.image.tobytes() == painted.image.tobytes()
    assert again.losses == painted.losses


@pytest.mark.parametrize("seconds", [1e-9, 1e9])
def test_polling_interval_does_not_change_the_painting(
    painter, content, style, painted, monkeypatch, seconds
):
    monkeypatch.setattr(module, "POLL_S", seconds)
    again = paint_image(painter, content, style, iterations=8)
    assert again.image.tobytes() == painted.image.tobytes()


def test_losses_are_those_of_the_painted_image(picture, content, painted):
    encoder = Encoder(load_weights(), OBJECTIVE.layers, padding=OBJECTIVE.padding)

    def features(image):
        return {
            name: np.asarray(f, np.float64) for name, f in encoder(keras.ops.convert_to_tensor(image)).items()
        }

    def gram(f):
        return np.einsum("yxi,yxj->ij", f, f) / (f.shape[0] * f.shape[1])

    image = painted.image
    found, target, model = features(image), features(content), features(picture[100:140, 200:250].copy())
    style_loss = (
        sum(
            weight * np.mean((gram(found[name]) - gram(model[name])) ** 2) / found[name].shape[-1] ** 2
            for name, weight in OBJECTIVE.style_layers
        )
        / 3
    )
    tv = np.mean(np.diff(image, axis=0) ** 2) + np.mean(np.diff(image, axis=1) ** 2)
    losses = painted.losses
    assert losses["content"] == pytest.approx(
        OBJECTIVE.base_weights.content * np.mean((found["block2_conv1"] - target["block2_conv1"]) ** 2),
        rel=1e-3,
    )
    assert losses["style"] == pytest.approx(OBJECTIVE.base_weights.style * style_loss, rel=1e-3)
    assert losses["tv"] == pytest.approx(OBJECTIVE.base_weights.tv * tv, rel=1e-3)
    assert losses["temporal"] == 0
    assert losses.total == losses["content"] + losses["style"] + losses["tv"] + losses["temporal"]


@pytest.mark.parametrize("term", ["content", "style", "tv"])
def test_weight_multiplies_that_of_the_preset(painter, content, style, term, monkeypatch):
    def paint():
        # No step is taken: what is measured is the content itself, painted from a shifted start.
        return paint_image(painter, content, style, image=np.roll(content, 5, axis=1), iterations=0).losses

    plain = paint()
    weights = painter.objective.weights
    monkeypatch.setattr(painter.objective, "weights", weights | {term: 3 * weights[term]})
    heavy = paint()
    assert heavy[term] == pytest.approx(3 * plain[term], rel=1e-5)
    assert heavy.total == pytest.approx(plain.total + 2 * plain[term], rel=1e-5)


def test_warm_started_frame_is_smoothed_a_quarter_as_strongly(painter, content, style):
    alone = paint_image(painter, content, style, iterations=0).losses
    trust = np.ones(content.shape[:2], np.float32)
    carried = paint_image(painter, content, style, warped=content.copy(), trust=trust, iterations=0).losses
    assert carried["tv"] == pytest.approx(alone["tv"] / 4, rel=1e-5)
    assert (carried["content"], carried["style"]) == pytest.approx(
        (alone["content"], alone["style"]), rel=1e-5
    )


def test_request_to_stop_is_heard_within_a_chunk(painter, content, style, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 1e-9)
    reports = []
    with pytest.raises(Interrupted):
        paint_image(
            painter,
            content,
            style,
            iterations=8,
            on_progress=reports.append,
            should_stop=lambda: len(reports) == 3,
        )
    assert [report.iteration for report in reports] == [0, 1, 2]


def test_progress_counts_every_iteration_once(painter, content, style, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 1e-9)
    reports = []
    painted = paint_image(painter, content, style, iterations=6, on_progress=reports.append)
    assert [report.iteration for report in reports] == list(range(7))
    assert {report.iterations for report in reports} == {6}
    assert sum(report.steps for report in reports) == painted.iterations + 1
    falling = [report.loss for report in reports]
    assert falling == sorted(falling, reverse=True)


def test_painting_starts_from_the_given_image(painter, content, style):
    start = np.full_like(content, 0.5)
    assert np.array_equal(paint_image(painter, content, style, image=start, iterations=0).image, start)
    assert np.array_equal(paint_image(painter, content, style, iterations=0).image, content)


def test_trusted_pixels_are_held_and_others_are_free(painter, content, style, monkeypatch):
    weights = painter.objective.weights
    weights = weights | {"temporal": 1e3 * weights["temporal"]}
    monkeypatch.setattr(painter.objective, "weights", weights)
    warped = np.roll(content, 9, axis=0)
    trust = np.zeros(content.shape[:2], np.float32)
    trust[:, :32] = 1
    held = paint_image(painter, content, style, image=content, warped=warped, trust=trust, iterations=40)
    apart = np.abs(held.image - warped).mean(axis=-1)
    free = np.abs(paint_image(painter, content, style, iterations=40).image - warped).mean(axis=-1)
    assert apart[:, :32].mean() < 0.1 * free[:, :32].mean()
    assert apart[:, 36:].mean() > 5 * apart[:, :32].mean()
    assert held.losses["temporal"] == pytest.approx(
        weights["temporal"] * np.mean(trust[..., None] * (held.image - warped) ** 2), rel=1e-3
    )


def test_warm_started_frame_has_its_own_number_of_iterations(painter, content, style, monkeypatch):
    monkeypatch.setattr(painter, "options", replace(PAINT, first_iterations=4, iterations=2))
    assert paint_image(painter, content, style).iterations == 4
    trust = np.ones(content.shape[:2], np.float32)
    assert paint_image(painter, content, style, warped=content, trust=trust).iterations == 2


def test_painting_ends_early_when_its_loss_hardly_falls(painter, content, style, monkeypatch):
    monkeypatch.setattr(painter, "options", replace(PAINT, stop_below=0.5))
    assert paint_image(painter, content, style, iterations=60).iterations < 60


def test_warm_started_frame_ends_later(painter, content, style, monkeypatch):
    # Nothing is trusted, so that only the patience differs.
    after = {"warped": content, "trust": np.zeros(content.shape[:2], np.float32), "iterations": 60}
    monkeypatch.setattr(painter, "options", replace(PAINT, stop_below=0.05))
    alone, carried = (
        paint_image(painter, content, style, iterations=60),
        paint_image(painter, content, style, **after),
    )
    assert alone.iterations < carried.iterations < 60
    assert carried.losses.total < alone.losses.total


def test_reached_losses_are_those_of_the_optimiser_arithmetic(content, picture):
    painter = OptimizingPainter(PAINT, MachineOptions(device="cpu", precision=Precision.BFLOAT16), OBJECTIVE)
    style = painter.prepare([picture[100:140, 200:250]])
    first = paint_image(painter, content, style, iterations=8)
    told = first.losses["content"], first.losses["style"]
    assert first.reached_losses == pytest.approx(told, rel=0.1)
    assert first.reached_losses != pytest.approx(told, rel=1e-4)
    # It is as good as itself, and a little better is not.
    again = {"image": first.image, "iterations": 5}
    assert paint_image(painter, content, style, target_losses=first.reached_losses, **again).iterations == 0
    below = tuple(0.999 * loss for loss in first.reached_losses)
    assert paint_image(painter, content, style, target_losses=below, **again).iterations > 0


def test_painting_ends_at_its_target_losses(painter, content, style):
    whole = paint_image(painter, content, style, iterations=12)
    standard = (np.inf, 2 * whole.losses["style"])
    done = paint_image(painter, content, style, iterations=12, target_losses=standard)
    assert done.iterations < 12
    assert done.losses["style"] <= standard[1]


def test_hessian_scale_is_passed_on(painter, content, style, painted):
    assert painted.hessian_scale > 0
    told = paint_image(
        painter, content, style, image=painted.image, hessian_scale=painted.hessian_scale, iterations=3
    )
    untold = paint_image(painter, content, style, image=painted.image, iterations=3)
    assert not np.array_equal(told.image, untold.image)


def test_each_size_is_traced_once(monkeypatch, picture, style):
    traces, trace = [], functions_module.run_steps
    # Tracing is when Python runs it.
    monkeypatch.setattr(functions_module, "run_steps", lambda *args: traces.append(args) or trace(*args))
    fresh = OptimizingPainter(PAINT, MACHINE, OBJECTIVE)
    for height, width in [(32, 40), (40, 32), (32, 40), (40, 32)]:
        for iterations in (1, 3):
            paint_image(fresh, picture[:height, :width].copy(), style, iterations=iterations)
    assert len(traces) == 2


def test_styles_of_several_sizes_are_mixed(painter, picture, content):
    styles = painter.prepare([picture[100:140, 200:250], picture[:64, :33]])
    assert [np.asarray(target).shape for target in styles[0].grams] == [(2, 64, 64), (2, 128, 128)]
    painted = paint_image(painter, content, styles, iterations=3)
    assert painted.losses.total < paint_image(painter, content, styles, iterations=0).losses.total


def test_content_of_any_float_type_is_accepted(painter, content, style, painted):
    again = paint_image(painter, content.astype(np.float64), style, iterations=8)
    assert again.image.tobytes() == painted.image.tobytes()


def test_measured_style_loss_equals_that_of_the_painting(painter, style, painted):
    assert painter.measure(painted.image, style) == pytest.approx(painted.losses["style"], rel=1e-4)


def test_default_objective_paints(picture):
    painter = OptimizingPainter(PaintOptions(first_iterations=2), MACHINE)
    content = picture[300:332, 100:140].copy()
    style = painter.prepare([picture[100:140, 200:250]])
    painted = paint_image(painter, content, style)
    assert 0 < painted.losses.total < paint_image(painter, content, style, iterations=0).losses.total


def test_bfloat16_paints_nearly_the_same_and_reports_in_float32(picture, content, painter, style, painted):
    fast = OptimizingPainter(PAINT, replace(MACHINE, precision=Precision.BFLOAT16), OBJECTIVE)
    assert fast.precision is Precision.BFLOAT16
    rough = paint_image(fast, content, fast.prepare([picture[100:140, 200:250]]), iterations=8)
    start = paint_image(painter, content, style, iterations=0).losses.total
    assert rough.losses.total < 0.5 * (start + painted.losses.total)
    exact = paint_image(painter, content, style, image=rough.image, iterations=0)
    assert rough.losses["style"] == pytest.approx(exact.losses["style"], rel=1e-5)


def test_adam_paints(content, picture):
    painter = OptimizingPainter(
        replace(PAINT, optimizer=Optimizer.ADAM, learning_rate=0.02), MACHINE, OBJECTIVE
    )
    style = painter.prepare([picture[100:140, 200:250]])
    painted = paint_image(painter, content, style, iterations=6)
    assert painted.image.min() >= 0
    assert painted.image.max() <= 1
    assert painted.losses.total < paint_image(painter, content, style, iterations=0).losses.total


def test_region_is_painted_in_its_own_style(painter, content):
    texture = np.float32(0.2) * np.random.default_rng(0).random((48, 48, 3), np.float32)
    black, white = (painter.prepare([texture + level])[0] for level in (np.float32(0), np.float32(0.8)))
    left = np.zeros(content.shape[:2], np.float32)
    left[:, :32] = 1
    regions = (black._replace(mask=left), white._replace(mask=1 - left))
    image = paint_image(painter, content, regions, iterations=12).image
    assert image[:, 40:].mean() > content[:, 40:].mean() + 0.05
    assert image[:, :24].mean() < content[:, :24].mean() - 0.05
    swapped = paint_image(painter, content, regions[::-1], iterations=12)
    np.testing.assert_allclose(swapped.image, image, atol=0.05)


def test_protected_pixels_stay_closer_to_the_source(painter, content, style, painted):
    held = np.zeros(content.shape[:2], np.float32)
    held[:, :32] = 1
    image = paint_image(painter, content, style, protect=held, iterations=8).image
    free = np.abs(painted.image - content)[:, :24].mean()
    assert np.abs(image - content)[:, :24].mean() < 0.5 * free


@pytest.mark.parametrize("seconds", [1e-9, 1e9])
def test_snapshots_change_nothing(painter, content, style, painted, monkeypatch, seconds):
    monkeypatch.setattr(module, "POLL_S", seconds)
    seen = []
    keep = lambda image: seen.append(np.asarray(image))  # noqa: E731
    again = paint_image(painter, content, style, iterations=8, snapshots=(4, keep))
    assert again.image.tobytes() == painted.image.tobytes()
    assert len(seen) == 3
    np.testing.assert_array_equal(seen[0], content)
    np.testing.assert_array_equal(seen[1], paint_image(painter, content, style, iterations=4).image)
    np.testing.assert_array_equal(seen[2], painted.image)


@pytest.mark.parametrize("optimizer", [Optimizer.LBFGS, Optimizer.ADAM])
def test_stopped_painting_resumes_to_the_same_bytes(content, picture, monkeypatch, optimizer):
    painter = OptimizingPainter(replace(PAINT, optimizer=optimizer), MACHINE, OBJECTIVE)
    style = painter.prepare([picture[100:140, 200:250]])
    whole = paint_image(painter, content, style, iterations=8)
    monkeypatch.setattr(module, "POLL_S", 1e-9)
    kept, told = MemoryCheckpoints(due=False), []
    with pytest.raises(Interrupted):
        paint_image(
            painter,
            content,
            style,
            iterations=8,
            on_progress=told.append,
            should_stop=lambda: len(told) == 5,
            checkpoints=kept,
        )
    assert len(kept.saved) == 1
    again = OptimizingPainter(replace(PAINT, optimizer=optimizer), MACHINE, OBJECTIVE)
    told.clear()
    painted = paint_image(again, content, style, iterations=8, on_progress=told.append, checkpoints=kept)
    assert [progress.iteration for progress in told] == [5, 6, 7, 8]
    assert painted.image.tobytes() == whole.image.tobytes()
    assert (painted.iterations, painted.rejected, painted.hessian_scale) == (
        whole.iterations,
        whole.rejected,
        whole.hessian_scale,
    )
    assert painted.losses == whole.losses


def test_interrupted_painting_saves_a_checkpoint(painter, content, style, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 1e-9)
    run_steps, kept, calls = painter._functions.run_steps, MemoryCheckpoints(due=False), []

    def interrupted(*arguments):
        calls.append(None)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return run_steps(*arguments)

    monkeypatch.setattr(painter._functions, "run_steps", interrupted)
    with pytest.raises(KeyboardInterrupt):
        paint_image(painter, content, style, iterations=8, checkpoints=kept)
    assert [int(arrays["evaluations"]) for arrays in kept.saved] == [3]


def test_checkpoint_is_saved_whenever_it_is_due(painter, content, style, painted, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 1e-9)
    kept = MemoryCheckpoints()
    assert (
        paint_image(painter, content, style, iterations=8, checkpoints=kept).image.tobytes()
        == painted.image.tobytes()
    )
    assert [int(arrays["evaluations"]) for arrays in kept.saved] == list(range(1, 10))


def test_scipy_paints_in_rounds(content, picture):
    painter = OptimizingPainter(replace(PAINT, optimizer=Optimizer.SCIPY, scipy_round=5), MACHINE, OBJECTIVE)
    style = painter.prepare([picture[100:140, 200:250]])
    told = []
    painted = paint_image(painter, content, style, iterations=10, on_progress=told.append)
    assert painted.losses.total < 0.9 * paint_image(painter, content, style, iterations=0).losses.total
    assert painted.image.min() >= 0
    assert [progress.iteration for progress in told][-1] == 10
    with pytest.raises(Interrupted):
        paint_image(painter, content, style, iterations=10, should_stop=lambda: True)


def test_objective_changes_the_painting(content, picture, painted):
    objective = replace(OBJECTIVE, pooling=Pooling.AVG, laplacian_weight=1.0)
    painter = OptimizingPainter(PAINT, MACHINE, objective)
    other = paint_image(painter, content, painter.prepare([picture[100:140, 200:250]]), iterations=8)
    assert np.abs(other.image - painted.image).mean() > 0.005


def test_painting_from_noise_does_not_count_as_explosion(content, picture):
    painter = OptimizingPainter(replace(PAINT, optimizer=Optimizer.ADAM), MACHINE, OBJECTIVE)
    noise = np.random.default_rng(0).random(content.shape, np.float32)
    paint_image(painter, content, painter.prepare([picture[100:140, 200:250]]), image=noise, iterations=1)


def test_explosion_of_adam_is_a_named_error(content, picture):
    painter = OptimizingPainter(replace(PAINT, optimizer=Optimizer.ADAM, learning_rate=1), MACHINE, OBJECTIVE)
    style = painter.prepare([picture[100:140, 200:250]])
    with pytest.raises(PainterError, match=r"exploded.* --learning-rate"):
        paint_image(painter, content, style, iterations=1)


def test_content_that_is_not_a_number_is_a_named_error(painter, content, style):
    with pytest.raises(PainterError, match="not a number even at the start"):
        paint_image(painter, np.full_like(content, np.nan), style, iterations=3)


def test_content_too_small_for_the_network_is_a_named_error(painter, style):
    with pytest.raises(PainterError, match="5 x 1 pixels is too small"):
        paint_image(painter, np.zeros((1, 5, 3), np.float32), style)
    with pytest.raises(PainterError, match="1 x 1 pixels is too small"):
        painter.prepare([np.zeros((1, 1, 3), np.float32)])


def test_missing_device_is_a_named_error():
    with pytest.raises(PainterError, match="gpu:99 not found"):
        OptimizingPainter(PAINT, replace(MACHINE, device="gpu:99"), OBJECTIVE)


def test_image_that_fills_the_device_is_painted_from_its_start_in_tiles(picture):
    content = np.tile(picture[:290, :150], (1, 2, 1))
    paint = partial(OptimizingPainter, replace(PAINT, first_iterations=3))
    painter, asked = paint(MACHINE, OBJECTIVE), paint(replace(MACHINE, tile=Tile(256, auto=False)), OBJECTIVE)
    run_steps, calls, told = painter._functions.run_steps, [], []

    def fill(*arguments):
        calls.append(arguments)
        return full() if len(calls) == 2 else run_steps(*arguments)

    painter._functions.run_steps = fill
    style = painter.prepare([picture[100:140, 200:250]])
    painted = retry_smaller(painter, 290, 300, lambda: paint_image(painter, content, style), told.append)
    assert told == [256]
    assert painted.image.tobytes() == paint_image(asked, content, style).image.tobytes()
    assert painter.use_smaller_tiles(290, 300) is None
    asked._functions.run_steps = full
    with pytest.raises(DeviceFullError):
        retry_smaller(asked, 290, 300, lambda: paint_image(asked, content, style))


def test_missing_weights_are_a_named_error(tmp_path):
    with pytest.raises(WeightsError, match=r"weights file .* not found"):
        OptimizingPainter(PAINT, replace(MACHINE, weights=tmp_path / "none.npz"), OBJECTIVE)


@pytest.mark.parametrize("optimizer", list(Optimizer))
def test_start_may_be_a_function_that_is_called_once(content, picture, optimizer):
    painter = OptimizingPainter(replace(PAINT, optimizer=optimizer, scipy_round=2), MACHINE, OBJECTIVE)
    style = painter.prepare([picture[100:140, 200:250]])
    start = picture[:48, :64].copy()
    held = [start]
    handed = paint_image(painter, content, style, image=held.pop, iterations=2)
    assert held == []
    assert (
        handed.image.tobytes()
        == paint_image(painter, content, style, image=start, iterations=2).image.tobytes()
    )
