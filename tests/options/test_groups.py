import dataclasses
import pickle

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.groups import MachineOptions, Options, PaintOptions, SourceOptions
from vidstyle.options.values import Time


@pytest.mark.parametrize(
    "fields",
    [
        {"first_iterations": 0},
        {"iterations": 0},
        {"iterations": -3},
        {"style_weight": -1.0},
        {"content_weight": float("nan")},
        {"tv_weight": float("inf")},
        {"temporal_weight": -0.1},
        {"stop_below": 1.0},
        {"learning_rate": 0.0},
        {"adam_beta1": 1.0},
        {"adam_epsilon": 0.0},
        {"scipy_round": 0},
        {"seed": -1},
        {"style_weight": 0.0, "content_weight": 0.0},
    ],
)
def test_value_out_of_range_is_refused_by_its_option(fields):
    with pytest.raises(UsageError) as caught:
        PaintOptions(**fields)
    assert str(caught.value).startswith("--" + next(iter(fields)).replace("_", "-"))


@pytest.mark.parametrize(("start", "end"), [("2", "1"), ("1", "1"), ("5f", "5f")])
def test_empty_range_is_refused(start, end):
    with pytest.raises(UsageError, match="--end"):
        SourceOptions(start=Time.parse(start), end=Time.parse(end))


def test_range_in_two_units_is_accepted():
    SourceOptions(start=Time.parse("10"), end=Time.parse("5f"))


@pytest.mark.parametrize("device", ["auto", "cpu", "gpu:0", "gpu:12"])
def test_device_is_read_by_name(device):
    assert MachineOptions(device=device).device == device


@pytest.mark.parametrize("device", ["gpu", "cuda:0", "gpu:-1", "gpu:x", ""])
def test_unknown_device_is_refused(device):
    with pytest.raises(UsageError, match="invalid --device"):
        MachineOptions(device=device)


def test_options_are_picklable_hashable_and_frozen():
    options = Options(source=SourceOptions(start=Time.parse("1.5")))
    assert pickle.loads(pickle.dumps(options)) == options
    assert hash(options) == hash(dataclasses.replace(options))
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.paint = PaintOptions()
