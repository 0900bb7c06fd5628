from fractions import Fraction
from pathlib import Path

import pytest

import vidstyle
from vidstyle.errors import UsageError
from vidstyle.options.groups import Optimizer, Options, PaintOptions, SourceOptions
from vidstyle.options.layers import Layers, Network
from vidstyle.options.objective import LossScales, Norm, ObjectiveOptions
from vidstyle.options.presets import PRESETS, QUALITIES
from vidstyle.options.text import apply_preset, apply_quality, preset, replace_from_text, to_text
from vidstyle.options.values import Init, InitKind, Size, Time


def test_text_of_changed_options_reads_back_as_the_same():
    options = Options(
        paint=PaintOptions(iterations=7, style_weight=0.1, init=Init(InitKind.NOISE)),
        source=SourceOptions(size=Size(None), start=Time(seconds=Fraction(3, 2)), allow_damaged=True),
        objective=ObjectiveOptions(
            style_layers=Layers.parse("conv1_1:0.5"), base_weights=LossScales(1, 2, 3, 4e-9)
        ),
    )
    words = to_text(options)
    assert words == {
        "iterations": "7",
        "style-weight": "0.1",
        "init": "noise",
        "style-layers": "block1_conv1:0.5",
        "base-weights": "1,2,3,4e-09",
        "size": "full",
        "start": "1.5",
        "allow-damaged": True,
    }
    again, unknown = replace_from_text(
        Options(), {key.replace("-", "_"): word for key, word in words.items()}
    )
    assert (again, unknown) == (options, {})
    assert to_text(Options()) == {}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_consists_of_known_options(name):
    options = preset(name)
    words = {key.replace("-", "_"): word for key, word in PRESETS[name].options.items()}
    assert replace_from_text(Options(), words) == (options, {})
    assert (options == Options()) == (name == "default")
    assert set(to_text(options)) <= set(PRESETS[name].options)


def test_preset_changes_only_its_own_options():
    options = apply_preset(Options(paint=PaintOptions(iterations=7, seed=7)), "keras-vgg16")
    assert options.objective.network is Network.VGG16
    assert options.objective.content_norm is Norm.SUM
    assert options.paint.optimizer is Optimizer.SCIPY
    assert (options.paint.first_iterations, options.paint.iterations, options.paint.seed) == (600, 60, 7)
    assert vidstyle.preset("default") == Options()


def test_unknown_preset_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match=r"unknown preset 'picasso': give one of default, gatys, .*cosine"):
        preset("picasso")


def test_path_is_written_as_its_name():
    options = Options(paint=PaintOptions(init=Init(file=Path("a/b.png"))))
    assert to_text(options) == {"init": "a/b.png"}


@pytest.mark.parametrize("name", QUALITIES)
def test_every_quality_consists_of_known_options(name):
    options = apply_quality(Options(), name)
    assert to_text(options) == QUALITIES[name]


def test_quality_keeps_the_loss_function_of_a_preset():
    options = apply_quality(preset("tf-tutorial"), "draft")
    assert options.objective == preset("tf-tutorial").objective
    assert (options.source.size.longer_side, options.paint.iterations) == (256, 8)


def test_unknown_quality_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="unknown quality 'superb': give one of draft, good, best"):
        apply_quality(Options(), "superb")


def test_best_runs_longer_than_good():
    good, best = (apply_quality(Options(), name).paint for name in ("good", "best"))
    assert best.first_iterations > good.first_iterations
    assert best.iterations > good.iterations
    assert best.stop_below < good.stop_below


@pytest.mark.parametrize("name", ["gatys", "ruder", "cosine"])
def test_best_never_shortens_a_preset(name):
    chosen = preset(name)
    best = apply_quality(chosen, "best", name)
    assert best.source.size.longer_side == 1024
    assert best.paint.first_iterations >= chosen.paint.first_iterations
    assert best.paint.iterations >= chosen.paint.iterations
    assert best.paint.stop_below <= chosen.paint.stop_below
