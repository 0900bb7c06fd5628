from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image
from support.checkpoints import MemoryCheckpoints
from support.clips import STARRY
from support.devices import full

from vidstyle.errors import DeviceFullError, Interrupted, PainterError, WeightsError
from vidstyle.neural import compiled as graphs
from vidstyle.neural.device.backend import keras
from vidstyle.neural.device.retry import retry_smaller
from vidstyle.neural.optimize import driver as module
from vidstyle.neural.painter import Painter
from vidstyle.neural.vgg.encoder import Encoder
from vidstyle.neural.vgg.weights import load_weights
from vidstyle.options.groups import MachineOptions, Optimizer, PaintOptions, Precision
from vidstyle.options.layers import Layers
from vidstyle.options.objective import ObjectiveOptions, Pooling
from vidstyle.options.values import Tile

MACHINE = MachineOptions(device="cpu", precision=Precision.FLOAT32)
PAINT = PaintOptions(stop_below=0)
# Two blocks of the network are enough to tell, and quick.
RECIPE = ObjectiveOptions(
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
    return Painter(PAINT, MACHINE, RECIPE)


@pytest.fixture(scope="module")
def style(painter, picture):
    return painter.encode_style([picture[100:140, 200:250]])


@pytest.fixture(scope="module")
def painted(painter, content, style):
    return painter.paint(content, style, iterations=8)


def test_painting_lowers_the_loss_and_stays_in_the_range_of_a_picture(painter, content, style, painted):
    before = painter.paint(content, style, iterations=1)
    assert painted.losses.total < before.losses.total
    assert painted.image.shape == content.shape
    assert painted.image.dtype == np.float32
    assert painted.image.min() >= 0
    assert painted.image.max() <= 1
    assert painted.iterations == 8
    assert painted.seconds > 0


def test_the_losses_of_a_films_frame_are_found_when_somebody_asks(painter, content, style, monkeypatch):
    found, terms = [], painter._graphs.terms
    monkeypatch.setattr(painter._graphs, "terms", lambda *given: found.append(1) or terms(*given))
    first = painter.paint(content, style, iterations=1)
    assert found == [1]
    carried = painter.paint(content, style, start=first.image, warped=first.image, iterations=1)
    assert found == [1]
    assert carried.losses == carried.losses
    assert found == [1, 1]


def test_the_same_picture_is_painted_twice(painter, content, style, painted):
    again = painter.paint(content, style, iterations=8)
    assert again.image.tobytes() == painted.image.tobytes()
    assert again.losses == painted.losses


@pytest.mark.parametrize("seconds", [1e-9, 1e9])
def test_how_often_one_looks_up_does_not_change_the_picture(
    painter, content, style, painted, monkeypatch, seconds
):
    monkeypatch.setattr(module, "POLL_S", seconds)
    again = painter.paint(content, style, iterations=8)
    assert again.image.tobytes() == painted.image.tobytes()


def test_losses_are_those_of_the_picture_handed_out(picture, content, painted):
    encoder = Encoder(load_weights(), RECIPE.layers)

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
            for name, weight in RECIPE.style_layers
        )
        / 3
    )
    tv = np.mean(np.diff(image, axis=0) ** 2) + np.mean(np.diff(image, axis=1) ** 2)
    losses = painted.losses
    assert losses["content"] == pytest.approx(
        RECIPE.base_weights.content * np.mean((found["block2_conv1"] - target["block2_conv1"]) ** 2), rel=1e-3
    )
    assert losses["style"] == pytest.approx(RECIPE.base_weights.style * style_loss, rel=1e-3)
    assert losses["tv"] == pytest.approx(RECIPE.base_weights.tv * tv, rel=1e-3)
    assert losses["temporal"] == 0
    assert losses.total == losses["content"] + losses["style"] + losses["tv"] + losses["temporal"]


@pytest.mark.parametrize("term", ["content", "style", "tv"])
def test_a_weight_multiplies_the_recipes_own(painter, content, style, term, monkeypatch):
    def paint():
        # No step is taken: what is measured is the content itself, painted from a shifted start.
        return painter.paint(content, style, start=np.roll(content, 5, axis=1), iterations=0).losses

    plain = paint()
    weights = painter.objective.weights
    monkeypatch.setattr(painter.objective, "weights", weights | {term: 3 * weights[term]})
    heavy = paint()
    assert heavy[term] == pytest.approx(3 * plain[term], rel=1e-5)
    assert heavy.total == pytest.approx(plain.total + 2 * plain[term], rel=1e-5)


def test_what_was_smoothed_before_is_smoothed_a_quarter_as_strongly(painter, content, style):
    alone = painter.paint(content, style, iterations=0).losses
    trust = np.ones(content.shape[:2], np.float32)
    carried = painter.paint(content, style, warped=content.copy(), trust=trust, iterations=0).losses
    assert carried["tv"] == pytest.approx(alone["tv"] / 4, rel=1e-5)
    assert (carried["content"], carried["style"]) == pytest.approx(
        (alone["content"], alone["style"]), rel=1e-5
    )


def test_a_request_to_stop_is_heard_within_a_chunk(painter, content, style, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 1e-9)
    reports = []
    with pytest.raises(Interrupted):
        painter.paint(
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
    painted = painter.paint(content, style, iterations=6, on_progress=reports.append)
    assert [report.iteration for report in reports] == list(range(7))
    assert {report.iterations for report in reports} == {6}
    assert sum(report.steps for report in reports) == painted.iterations + 1
    falling = [report.loss for report in reports]
    assert falling == sorted(falling, reverse=True)


def test_painting_starts_where_it_is_told(painter, content, style):
    start = np.full_like(content, 0.5)
    assert np.array_equal(painter.paint(content, style, start=start, iterations=0).image, start)
    assert np.array_equal(painter.paint(content, style, iterations=0).image, content)


def test_what_is_trusted_is_held_and_what_is_not_is_free(painter, content, style, monkeypatch):
    weights = painter.objective.weights
    weights = weights | {"temporal": 1e3 * weights["temporal"]}
    monkeypatch.setattr(painter.objective, "weights", weights)
    warped = np.roll(content, 9, axis=0)
    trust = np.zeros(content.shape[:2], np.float32)
    trust[:, :32] = 1
    held = painter.paint(content, style, start=content, warped=warped, trust=trust, iterations=40)
    apart = np.abs(held.image - warped).mean(axis=-1)
    free = np.abs(painter.paint(content, style, iterations=40).image - warped).mean(axis=-1)
    assert apart[:, :32].mean() < 0.1 * free[:, :32].mean()
    assert apart[:, 36:].mean() > 5 * apart[:, :32].mean()
    assert held.losses["temporal"] == pytest.approx(
        weights["temporal"] * np.mean(trust[..., None] * (held.image - warped) ** 2), rel=1e-3
    )


def test_a_frame_with_a_predecessor_has_its_own_number_of_iterations(painter, content, style, monkeypatch):
    monkeypatch.setattr(painter, "options", replace(PAINT, first_iterations=4, iterations=2))
    assert painter.paint(content, style).iterations == 4
    trust = np.ones(content.shape[:2], np.float32)
    assert painter.paint(content, style, warped=content, trust=trust).iterations == 2


def test_a_frame_ends_early_when_its_loss_hardly_falls(painter, content, style, monkeypatch):
    monkeypatch.setattr(painter, "options", replace(PAINT, stop_below=0.5))
    assert painter.paint(content, style, iterations=60).iterations < 60


def test_a_frame_with_a_predecessor_is_given_more_patience(painter, content, style, monkeypatch):
    # Nothing is trusted, so that only the patience differs.
    after = {"warped": content, "trust": np.zeros(content.shape[:2], np.float32), "iterations": 60}
    monkeypatch.setattr(painter, "options", replace(PAINT, stop_below=0.05))
    alone, carried = painter.paint(content, style, iterations=60), painter.paint(content, style, **after)
    assert alone.iterations < carried.iterations < 60
    assert carried.losses.total < alone.losses.total


def test_a_standard_is_set_in_the_arithmetic_that_meets_it(content, picture):
    painter = Painter(PAINT, MachineOptions(device="cpu", precision=Precision.BFLOAT16), RECIPE)
    style = painter.encode_style([picture[100:140, 200:250]])
    first = painter.paint(content, style, iterations=8)
    told = first.losses["content"], first.losses["style"]
    assert first.reached == pytest.approx(told, rel=0.1)
    assert first.reached != pytest.approx(told, rel=1e-4)
    # It is as good as itself, and a little better is not.
    again = {"start": first.image, "iterations": 5}
    assert painter.paint(content, style, standard=first.reached, **again).iterations == 0
    below = tuple(0.999 * loss for loss in first.reached)
    assert painter.paint(content, style, standard=below, **again).iterations > 0


def test_a_frame_that_meets_its_standard_is_done(painter, content, style):
    whole = painter.paint(content, style, iterations=12)
    standard = (np.inf, 2 * whole.losses["style"])
    done = painter.paint(content, style, iterations=12, standard=standard)
    assert done.iterations < 12
    assert done.losses["style"] <= standard[1]


def test_a_successor_starts_with_the_scale_its_predecessor_ended_with(painter, content, style, painted):
    assert painted.gamma > 0
    told = painter.paint(content, style, start=painted.image, gamma=painted.gamma, iterations=3)
    untold = painter.paint(content, style, start=painted.image, iterations=3)
    assert not np.array_equal(told.image, untold.image)


def test_one_size_is_traced_once(monkeypatch, picture, style):
    traces, trace = [], graphs.run_steps
    # Tracing is when Python runs it.
    monkeypatch.setattr(graphs, "run_steps", lambda *args: traces.append(args) or trace(*args))
    fresh = Painter(PAINT, MACHINE, RECIPE)
    for height, width in [(32, 40), (40, 32), (32, 40), (40, 32)]:
        for iterations in (1, 3):
            fresh.paint(picture[:height, :width].copy(), style, iterations=iterations)
    assert len(traces) == 2


def test_several_styles_of_several_sizes_are_painted_in(painter, picture, content):
    styles = painter.encode_style([picture[100:140, 200:250], picture[:64, :33]])
    assert [np.asarray(target).shape for target in styles[0].grams] == [(2, 64, 64), (2, 128, 128)]
    painted = painter.paint(content, styles, iterations=3)
    assert painted.losses.total < painter.paint(content, styles, iterations=0).losses.total


def test_an_image_of_any_float_is_taken(painter, content, style, painted):
    again = painter.paint(content.astype(np.float64), style, iterations=8)
    assert again.image.tobytes() == painted.image.tobytes()


def test_measured_alone_a_picture_has_the_style_loss_it_was_painted_with(painter, style, painted):
    assert painter.measure(painted.image, style) == pytest.approx(painted.losses["style"], rel=1e-4)


def test_the_default_recipe_paints(picture):
    painter = Painter(PaintOptions(first_iterations=2), MACHINE)
    content = picture[300:332, 100:140].copy()
    style = painter.encode_style([picture[100:140, 200:250]])
    painted = painter.paint(content, style)
    assert 0 < painted.losses.total < painter.paint(content, style, iterations=0).losses.total


def test_bfloat16_paints_nearly_the_same_and_reports_in_float32(picture, content, painter, style, painted):
    fast = Painter(PAINT, replace(MACHINE, precision=Precision.BFLOAT16), RECIPE)
    assert fast.precision is Precision.BFLOAT16
    rough = fast.paint(content, fast.encode_style([picture[100:140, 200:250]]), iterations=8)
    start = painter.paint(content, style, iterations=0).losses.total
    assert rough.losses.total < 0.5 * (start + painted.losses.total)
    exact = painter.paint(content, style, start=rough.image, iterations=0)
    assert rough.losses["style"] == pytest.approx(exact.losses["style"], rel=1e-5)


def test_adam_paints(content, picture):
    painter = Painter(replace(PAINT, optimizer=Optimizer.ADAM, learning_rate=0.02), MACHINE, RECIPE)
    style = painter.encode_style([picture[100:140, 200:250]])
    painted = painter.paint(content, style, iterations=6)
    assert painted.image.min() >= 0
    assert painted.image.max() <= 1
    assert painted.losses.total < painter.paint(content, style, iterations=0).losses.total


def test_each_region_is_painted_in_its_own_style(painter, content):
    black, white = (
        painter.encode_style([np.full((16, 16, 3), level, np.float32)])[0] for level in (0.1, 0.9)
    )
    left = np.zeros(content.shape[:2], np.float32)
    left[:, :32] = 1
    regions = (black._replace(mask=left), white._replace(mask=1 - left))
    image = painter.paint(content, regions, iterations=12).image
    assert image[:, 40:].mean() > content[:, 40:].mean() + 0.05
    assert image[:, :24].mean() < content[:, :24].mean() - 0.05
    swapped = painter.paint(content, regions[::-1], iterations=12)
    np.testing.assert_allclose(swapped.image, image, atol=0.05)


def test_what_is_held_stays_nearer_to_its_source(painter, content, style, painted):
    held = np.zeros(content.shape[:2], np.float32)
    held[:, :32] = 1
    image = painter.paint(content, style, held=held, iterations=8).image
    free = np.abs(painted.image - content)[:, :24].mean()
    assert np.abs(image - content)[:, :24].mean() < 0.5 * free


@pytest.mark.parametrize("seconds", [1e-9, 1e9])
def test_pictures_on_the_way_are_handed_out_and_change_nothing(
    painter, content, style, painted, monkeypatch, seconds
):
    monkeypatch.setattr(module, "POLL_S", seconds)
    seen = []
    keep = lambda image: seen.append(np.asarray(image))  # noqa: E731
    again = painter.paint(content, style, iterations=8, on_image=(4, keep))
    assert again.image.tobytes() == painted.image.tobytes()
    assert len(seen) == 3
    np.testing.assert_array_equal(seen[0], content)
    np.testing.assert_array_equal(seen[1], painter.paint(content, style, iterations=4).image)
    np.testing.assert_array_equal(seen[2], painted.image)


@pytest.mark.parametrize("optimizer", [Optimizer.LBFGS, Optimizer.ADAM])
def test_a_painting_that_was_stopped_goes_on_to_the_same_bytes(content, picture, monkeypatch, optimizer):
    painter = Painter(replace(PAINT, optimizer=optimizer), MACHINE, RECIPE)
    style = painter.encode_style([picture[100:140, 200:250]])
    whole = painter.paint(content, style, iterations=8)
    monkeypatch.setattr(module, "POLL_S", 1e-9)
    kept, told = MemoryCheckpoints(due=False), []
    with pytest.raises(Interrupted):
        painter.paint(
            content,
            style,
            iterations=8,
            on_progress=told.append,
            should_stop=lambda: len(told) == 5,
            checkpoints=kept,
        )
    assert len(kept.saved) == 1
    again = Painter(replace(PAINT, optimizer=optimizer), MACHINE, RECIPE)
    told.clear()
    painted = again.paint(content, style, iterations=8, on_progress=told.append, checkpoints=kept)
    assert [progress.iteration for progress in told] == [5, 6, 7, 8]
    assert painted.image.tobytes() == whole.image.tobytes()
    assert (painted.iterations, painted.undone, painted.gamma) == (
        whole.iterations,
        whole.undone,
        whole.gamma,
    )
    assert painted.losses == whole.losses


def test_a_painting_that_does_not_hear_a_wish_to_stop_keeps_how_far_it_was(
    painter, content, style, monkeypatch
):
    monkeypatch.setattr(module, "POLL_S", 1e-9)
    advance, kept, calls = painter._graphs.run_steps, MemoryCheckpoints(due=False), []

    def interrupted(*arguments):
        calls.append(None)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return advance(*arguments)

    monkeypatch.setattr(painter._graphs, "run_steps", interrupted)
    with pytest.raises(KeyboardInterrupt):
        painter.paint(content, style, iterations=8, checkpoints=kept)
    assert [int(arrays["evaluations"]) for arrays in kept.saved] == [3]


def test_how_far_it_is_is_kept_whenever_that_is_due(painter, content, style, painted, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 1e-9)
    kept = MemoryCheckpoints()
    assert (
        painter.paint(content, style, iterations=8, checkpoints=kept).image.tobytes()
        == painted.image.tobytes()
    )
    assert [int(arrays["evaluations"]) for arrays in kept.saved] == list(range(1, 10))


def test_scipy_paints_in_rounds(content, picture):
    painter = Painter(replace(PAINT, optimizer=Optimizer.SCIPY, scipy_round=5), MACHINE, RECIPE)
    style = painter.encode_style([picture[100:140, 200:250]])
    told = []
    painted = painter.paint(content, style, iterations=10, on_progress=told.append)
    assert painted.losses.total < 0.9 * painter.paint(content, style, iterations=0).losses.total
    assert painted.image.min() >= 0
    assert [progress.iteration for progress in told][-1] == 10
    with pytest.raises(Interrupted):
        painter.paint(content, style, iterations=10, should_stop=lambda: True)


def test_a_recipe_changes_what_is_painted(content, picture, painted):
    recipe = replace(RECIPE, pooling=Pooling.AVG, laplacian_weight=1.0)
    painter = Painter(PAINT, MACHINE, recipe)
    other = painter.paint(content, painter.encode_style([picture[100:140, 200:250]]), iterations=8)
    assert np.abs(other.image - painted.image).mean() > 0.005


def test_noise_is_no_explosion(content, picture):
    painter = Painter(replace(PAINT, optimizer=Optimizer.ADAM), MACHINE, RECIPE)
    noise = np.random.default_rng(0).random(content.shape, np.float32)
    painter.paint(content, painter.encode_style([picture[100:140, 200:250]]), start=noise, iterations=1)


def test_an_adam_that_explodes_is_a_named_error(content, picture):
    painter = Painter(replace(PAINT, optimizer=Optimizer.ADAM, learning_rate=1), MACHINE, RECIPE)
    style = painter.encode_style([picture[100:140, 200:250]])
    with pytest.raises(PainterError, match=r"exploded.* --learning-rate"):
        painter.paint(content, style, iterations=1)


def test_a_picture_that_is_no_number_is_a_named_error(painter, content, style):
    with pytest.raises(PainterError, match="not a number even at the start"):
        painter.paint(np.full_like(content, np.nan), style, iterations=3)


def test_a_picture_too_small_for_the_network_is_a_named_error(painter, style):
    with pytest.raises(PainterError, match="5 x 1 pixels is too small"):
        painter.paint(np.zeros((1, 5, 3), np.float32), style)
    with pytest.raises(PainterError, match="1 x 1 pixels is too small"):
        painter.encode_style([np.zeros((1, 1, 3), np.float32)])


def test_a_device_that_is_not_there_is_a_named_error():
    with pytest.raises(PainterError, match="gpu:99 not found"):
        Painter(PAINT, replace(MACHINE, device="gpu:99"), RECIPE)


def test_a_picture_that_fills_the_device_is_painted_from_its_start_in_windows(picture):
    content = np.tile(picture[:290, :150], (1, 2, 1))
    paint = partial(Painter, replace(PAINT, first_iterations=3))
    painter, asked = paint(MACHINE, RECIPE), paint(replace(MACHINE, tile=Tile(256, auto=False)), RECIPE)
    advance, calls, told = painter._graphs.run_steps, [], []

    def fill(*arguments):
        calls.append(arguments)
        return full() if len(calls) == 2 else advance(*arguments)

    painter._graphs.run_steps = fill
    style = painter.encode_style([picture[100:140, 200:250]])
    painted = retry_smaller(painter, 290, 300, lambda: painter.paint(content, style), told.append)
    assert told == [256]
    assert painted.image.tobytes() == asked.paint(content, style).image.tobytes()
    assert painter.use_smaller_tiles(290, 300) is None
    asked._graphs.run_steps = full
    with pytest.raises(DeviceFullError):
        retry_smaller(asked, 290, 300, lambda: asked.paint(content, style))


def test_weights_that_are_not_there_are_a_named_error(tmp_path):
    with pytest.raises(WeightsError, match="weights file .* not found"):
        Painter(PAINT, replace(MACHINE, weights=tmp_path / "none.npz"), RECIPE)


@pytest.mark.parametrize("optimizer", list(Optimizer))
def test_a_start_may_be_handed_out_once(content, picture, optimizer):
    painter = Painter(replace(PAINT, optimizer=optimizer, scipy_round=2), MACHINE, RECIPE)
    style = painter.encode_style([picture[100:140, 200:250]])
    start = picture[:48, :64].copy()
    held = [start]
    handed = painter.paint(content, style, start=held.pop, iterations=2)
    assert held == []
    assert handed.image.tobytes() == painter.paint(content, style, start=start, iterations=2).image.tobytes()
