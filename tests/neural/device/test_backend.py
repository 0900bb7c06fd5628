import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support.clips import ROOT
from support.devices import failure

from vidstyle.errors import DeviceFullError, PainterError
from vidstyle.neural.device import backend
from vidstyle.neural.device.backend import (
    choose_device,
    compiled,
    device_scope,
    fork,
    keras,
    sequential_loop,
    translate_errors,
    value_and_gradient,
)


def test_backend_is_the_one_that_keras_runs_on():
    assert keras.backend.backend() == backend.NAME


@pytest.mark.parametrize(("name", "words"), [("torch", "not supported"), ("", "not supported")])
def test_unknown_backend_is_a_named_error(name, words):
    code = "import vidstyle.neural.device.backend"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": name},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "PainterError" in run.stderr.splitlines()[-1]
    assert words in run.stderr.splitlines()[-1]


def test_keras_with_another_backend_is_a_named_error():
    code = """
import sys, types
sys.modules["keras"] = types.ModuleType("keras")
sys.modules["keras"].backend = types.SimpleNamespace(backend=lambda: "torch")
import vidstyle.neural.device.backend
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "PainterError" in run.stderr.splitlines()[-1]
    assert "already loaded with the backend torch" in run.stderr.splitlines()[-1]


def test_loading_prints_nothing():
    code = "import vidstyle.neural.device.backend as b; b.keras.ops.ones(3) + 1"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_many_sizes_print_no_warning():
    code = """
import vidstyle.neural.device.backend as b
double = b.compiled(lambda x: x * 2, xla=False)
for size in range(12): double(b.keras.ops.ones(size))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_compiled_function_is_traced_once_per_shape():
    traced = []

    def double(x):
        traced.append(tuple(x.shape))
        return x * 2

    function = compiled(double, xla=False)
    for shape in [(2, 3), (2, 3), (4, 3), (2, 3)]:
        x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
        np.testing.assert_array_equal(np.asarray(function(keras.ops.convert_to_tensor(x))), 2 * x)
    assert traced == [(2, 3), (4, 3)]


def test_value_and_gradient_pass_on_the_extra_result():
    x = np.array([1.0, -2.0, 3.0], np.float32)

    def function(x):
        return keras.ops.sum(x**3), x + 1

    value, extra, gradient = value_and_gradient(function, keras.ops.convert_to_tensor(x))
    assert float(value) == 1 - 8 + 27
    np.testing.assert_array_equal(np.asarray(extra), x + 1)
    np.testing.assert_allclose(np.asarray(gradient), [3, 12, 27])


def climb(image):
    """Three steps up the sum of the squares of a pooled image."""

    def pooled(x):
        return keras.ops.sum(keras.ops.square(keras.ops.max_pool(x[None], 2, strides=2)[0])), x

    return sequential_loop(3, lambda _, x: x + value_and_gradient(pooled, x)[2], image)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_gradients_of_forked_uses_add_up(count):
    def weighted(x):
        copies = fork(x, count)
        assert len(copies) == count
        return sum(keras.ops.sum((place + 1) * copy) for place, copy in enumerate(copies)), x

    ones = keras.ops.ones((2, 3))
    value, _, gradient = compiled(lambda x: value_and_gradient(weighted, x), xla=False)(ones)
    assert float(value) == 6 * sum(range(count + 1))
    assert (np.asarray(gradient) == sum(range(count + 1))).all()


def test_gradient_in_a_loop_is_that_of_each_turn():
    image = np.array([[1, 2], [3, -4]], np.float32)[..., None]
    climbed = compiled(climb, xla=False)(keras.ops.convert_to_tensor(image))
    np.testing.assert_array_equal(np.asarray(climbed)[..., 0], [[1, 2], [81, -4]])


@pytest.mark.skipif(backend.NAME != "tensorflow", reason="about TensorFlow's graphs")
def test_gradient_in_a_loop_is_a_separate_graph():
    image = keras.ops.ones((4, 4, 1))
    graph = compiled(climb, xla=False).get_concrete_function(image).graph.as_graph_def()
    with_gradient = [
        function
        for function in graph.library.function
        if any(node.op == "MaxPoolGrad" for node in function.node_def)
    ]
    assert [function.attr["_noinline"].b for function in with_gradient] == [True]


@pytest.mark.parametrize(
    ("wanted", "available", "expected"),
    [
        ("auto", [], "cpu"),
        ("auto", ["gpu:0"], "gpu:0"),
        ("cpu", [], "cpu"),
        ("gpu:0", ["gpu:0"], "gpu:0"),
        ("auto", ["gpu:0", "gpu:1"], "gpu:0"),
        ("cpu", ["gpu:0"], "cpu"),
        ("gpu:1", ["gpu:0", "gpu:1"], "gpu:1"),
    ],
)
def test_device_is_chosen_among_those_available(wanted, available, expected):
    assert choose_device(wanted, available) == expected


@pytest.mark.parametrize(("available", "words"), [([], "none"), (["gpu:0", "gpu:1"], "gpu:0, gpu:1")])
def test_missing_device_is_a_named_error_that_lists_the_others(available, words):
    with pytest.raises(PainterError, match=f"--device gpu:7 not found .*{words}.*give auto or cpu"):
        choose_device("gpu:7", available)


def test_every_listed_device_computes():
    for device in ["cpu", *backend.gpus()]:
        with device_scope(device):
            assert float(keras.ops.sum(keras.ops.ones(3))) == 3


@pytest.mark.parametrize("count", [0, 1, 2])
def test_graphics_cards_are_those_that_the_backend_lists(monkeypatch, count):
    if backend.NAME == "tensorflow":
        listed = {"GPU": ["a card"] * count, "CPU": ["a processor"]}
        monkeypatch.setattr(backend.tf.config, "list_logical_devices", listed.get)
    else:
        monkeypatch.setattr(backend.jax, "devices", lambda: ["a card"] * max(1, count))
        monkeypatch.setattr(backend.jax, "default_backend", lambda: "gpu" if count else "cpu")
    assert backend.gpus() == [f"gpu:{number}" for number in range(count)]


def test_full_device_is_a_named_error_with_a_remedy():
    with pytest.raises(DeviceFullError, match=r"at 640 x 480 pixels: not enough memory; .*--size"):  # noqa: SIM117
        with translate_errors("640 x 480 pixels"):
            raise failure("RESOURCE_EXHAUSTED: out of memory while trying to allocate")


def test_failing_device_is_a_named_error():
    with pytest.raises(PainterError, match=r"at the style picture: .*a wire fell off"):  # noqa: SIM117
        with translate_errors("the style picture"):
            raise failure("a wire fell off")


def test_other_errors_keep_their_type():
    with pytest.raises(KeyError), translate_errors("anything"):
        raise KeyError


def test_function_of_many_sizes_logs_no_warning(caplog):
    twice = compiled(lambda image: 2 * image, xla=False)
    for side in range(1, 9):
        twice(keras.ops.ones((side, side)))
    assert not caplog.records


def test_keras_reads_and_writes_no_settings_of_the_user(tmp_path):
    settings = tmp_path / "keras" / "keras.json"
    settings.parent.mkdir()
    hostile = {"floatx": "float16", "epsilon": 0.5, "backend": "torch", "image_data_format": "channels_first"}
    settings.write_text(json.dumps(hostile))
    (tmp_path / "cwd").mkdir()
    # A user without an account and without a home folder.
    code = """
import os, pwd, sys
def no_account(_uid): raise KeyError
pwd.getpwuid = no_account
from vidstyle.neural.device.backend import keras
c = keras.config
print(c.floatx(), c.epsilon(), c.image_data_format(), c.backend(), os.environ["KERAS_HOME"])
"""
    environment = {name: text for name, text in os.environ.items() if name not in {"HOME", "KERAS_BACKEND"}}
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"KERAS_HOME": str(settings.parent), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path / "cwd",
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["float32", "1e-07", "channels_last", "tensorflow", str(settings.parent)]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["cwd", "keras", "keras.json"]


@pytest.mark.parametrize("given", ["/somewhere/else", None])
def test_downloads_of_a_program_go_where_keras_puts_them(monkeypatch, tmp_path, given):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    if given:
        monkeypatch.setenv("KERAS_HOME", given)
    config = SimpleNamespace(_KERAS_DIR=os.devnull)
    monkeypatch.setitem(sys.modules, "keras.src.backend.config", config)
    with backend._own_settings():
        assert os.environ["KERAS_HOME"] == os.devnull
    assert os.environ.get("KERAS_HOME") == given
    assert (given or str(tmp_path / ".keras")) == config._KERAS_DIR


@pytest.mark.parametrize("home", ["~", "relative", "/missing"])
def test_home_that_is_not_a_folder_is_replaced_by_that_of_temporary_files(monkeypatch, home):
    monkeypatch.setenv("HOME", home)
    assert backend._home() == Path(tempfile.gettempdir())
