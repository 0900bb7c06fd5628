import typing
from fractions import Fraction
from pathlib import Path

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.groups import Optimizer, Options, PainterKind, PaintOptions
from vidstyle.options.keywords import OptionKeywords, with_keywords
from vidstyle.options.layers import Layers
from vidstyle.options.media import Rate
from vidstyle.options.text import apply_quality, option_types, preset, to_text
from vidstyle.options.values import (
    Cuts,
    FlowMethod,
    FlowSource,
    Init,
    InitKind,
    PaintEvery,
    Size,
    TemporalFrames,
    Tile,
    Time,
)

TYPES = dict(option_types(Options))


def test_keywords_are_the_options_by_name():
    assert set(OptionKeywords.__annotations__) == set(TYPES) | {"preset", "quality"}


@pytest.mark.parametrize("name", TYPES)
def test_keyword_has_the_type_of_its_option_among_its_own(name):
    declared = typing.get_type_hints(OptionKeywords)[name]
    given = set(typing.get_args(declared)) or {declared}
    own = typing.get_args(TYPES[name]) if type(None) in typing.get_args(TYPES[name]) else (TYPES[name],)
    assert {kind for kind in own if typing.get_origin(kind) is not tuple} <= given


@pytest.mark.parametrize("name", TYPES)
def test_default_of_an_option_is_accepted_as_keyword(name):
    default = next(
        getattr(group, name) for group in (Options(), *vars(Options()).values()) if hasattr(group, name)
    )
    assert with_keywords(Options(), {name: default}) == Options()


@pytest.mark.parametrize(
    ("keywords", "group", "value"),
    [
        ({"size": 320}, "source", Size(320)),
        ({"size": "full"}, "source", Size(None)),
        ({"size": Size(64)}, "source", Size(64)),
        ({"start": 1.5}, "source", Time(seconds=Fraction(3, 2))),
        ({"end": "120f"}, "source", Time(frame=120)),
        ({"cuts": (1.5, 4)}, "source", Cuts.parse("1.5,4")),
        ({"cuts": "off"}, "source", Cuts(())),
        ({"allow_damaged": True}, "source", True),
        ({"iterations": 10}, "paint", 10),
        ({"style_weight": 3}, "paint", 3.0),
        ({"optimizer": "adam"}, "paint", Optimizer.ADAM),
        ({"optimizer": Optimizer.ADAM}, "paint", Optimizer.ADAM),
        ({"init": Path("a.png")}, "paint", Init(file=Path("a.png"))),
        ({"init": InitKind.NOISE}, "paint", Init(InitKind.NOISE)),
        ({"temporal_frames": [1, 2, 4]}, "motion", TemporalFrames((1, 2, 4))),
        ({"temporal_frames": 1}, "motion", TemporalFrames()),
        ({"paint_every": 4}, "motion", PaintEvery(4)),
        ({"paint_every": "auto"}, "motion", PaintEvery()),
        ({"keyframe": ["2=a.png", "3f=b.png"]}, "motion", ("2=a.png", "3f=b.png")),
        ({"flow": "farneback"}, "motion", FlowSource(FlowMethod.FARNEBACK)),
        ({"tile": 512}, "machine", Tile(512, auto=False)),
        ({"weights": "w.npz"}, "machine", Path("w.npz")),
        ({"threads": None}, "machine", None),
        ({"fps": 29.97}, "pictures", Rate(Fraction(30000, 1001))),
        ({"encoder_option": "preset=slow"}, "encode", ("preset=slow",)),
        ({"encoder_option": ["a=b", "c=d"]}, "encode", ("a=b", "c=d")),
        ({"style_layers": ["conv1_1:0.5", "conv2_1"]}, "objective", Layers.parse("conv1_1:0.5,conv2_1")),
        ({"painter": "none"}, "", PainterKind.NONE),
    ],
)
def test_value_is_converted_to_the_type_of_its_option(keywords, group, value):
    options = with_keywords(Options(), keywords)
    found = getattr(getattr(options, group) if group else options, next(iter(keywords)))
    assert (found, type(found)) == (value, type(value))


def test_other_options_are_kept():
    options = with_keywords(Options(paint=PaintOptions(seed=7)), {"iterations": 10})
    assert options == Options(paint=PaintOptions(seed=7, iterations=10))
    assert with_keywords(options, {}) is options or with_keywords(options, {}) == options


def test_keyword_takes_precedence_over_quality_and_that_over_preset():
    options = with_keywords(Options(), {"first_iterations": 9, "quality": "draft", "preset": "gatys"})
    assert options.objective == preset("gatys").objective
    assert (options.paint.first_iterations, options.paint.iterations, options.source.size) == (
        9,
        8,
        Size(256),
    )
    assert with_keywords(Options(), {"quality": "best", "preset": "gatys"}) == apply_quality(
        preset("gatys"), "best", "gatys"
    )


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"itarations": 3}, r"unknown option 'itarations': did you mean iterations"),
        ({"first-iterations": 3}, r"unknown option 'first-iterations': did you mean first_iterations"),
        ({"paint": PaintOptions()}, r"unknown option 'paint'"),
        ({"qqq": 3}, r"unknown option 'qqq': vidstyle --help lists all options"),
        ({"iterations": "many"}, r"invalid iterations='many'"),
        ({"iterations": True}, r"invalid iterations=True: True is a boolean"),
        ({"iterations": None}, r"invalid iterations=None"),
        ({"iterations": 0}, r"--iterations 0 is out of range"),
        ({"sequence": 1}, r"invalid sequence=1: 1 is not a boolean"),
        ({"optimizer": "sgd"}, r"invalid optimizer='sgd': give one of lbfgs, adam, scipy"),
        ({"start": "soon"}, r"start: invalid time 'soon'"),
        ({"size": "big"}, r"invalid --size 'big'"),
        ({"preset": "picasso"}, r"unknown preset 'picasso'"),
        ({"quality": "superb"}, r"unknown quality 'superb'"),
    ],
)
def test_invalid_keyword_is_refused_by_name(keywords, message):
    with pytest.raises(UsageError, match=message):
        with_keywords(Options(), keywords)


def test_text_of_any_options_is_accepted_as_keywords():
    for name in ("gatys", "keras-vgg16", "verydeep-adam"):
        words = {key.replace("-", "_"): text for key, text in to_text(preset(name)).items()}
        assert with_keywords(Options(), words) == preset(name)
