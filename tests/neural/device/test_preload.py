import os
import platform
import subprocess
import sys

import pytest

from vidstyle.neural.device import preload
from vidstyle.neural.device.preload import (
    ENVIRONMENT,
    cores,
    jobs_of_make,
    limit_threads,
    threads_for,
    trim_heap,
    use_system_malloc,
)


@pytest.mark.parametrize(
    ("flags", "jobs"),
    [
        ("", None),
        ("k", None),
        ("k -- STYLE=jolly.jpg", None),
        (" -j2 --jobserver-auth=3,4", 2),
        ("k -j8 --jobserver-auth=fifo:/tmp/GMfifo1", 8),
        (" --jobserver-fds=3,4 -j", 0),
        ("j", 0),
        ("kj", 0),
        (" -j", 0),
    ],
)
def test_number_of_makes_jobs_is_read_from_its_flags(flags, jobs):
    assert jobs_of_make({"MAKEFLAGS": flags}) == jobs


@pytest.mark.parametrize(
    ("wanted", "flags", "available", "threads"),
    [
        (None, "", 8, None),
        (3, "", 8, 3),
        (3, " -j2 --jobserver-auth=3,4", 8, 3),
        (None, " -j2 --jobserver-auth=3,4", 8, 4),
        (None, " -j3 --jobserver-auth=3,4", 8, 3),
        (None, " -j16 --jobserver-auth=3,4", 8, 1),
        (None, " -j1 --jobserver-auth=3,4", 8, None),
        (None, "j", 8, 1),
    ],
)
def test_cores_are_shared_with_makes_other_jobs(wanted, flags, available, threads):
    assert threads_for(wanted, {"MAKEFLAGS": flags}, available) == threads


def test_process_has_cores():
    assert cores() >= 1


def test_container_has_the_cores_of_its_quota(monkeypatch):
    monkeypatch.setattr(preload, "_visible_cores", lambda: 8)
    for quota, expected in ((None, 8), (3, 3), (16, 8)):
        monkeypatch.setattr(preload, "cpu_limit", lambda quota=quota: quota)
        assert cores() == expected


@pytest.mark.parametrize(
    ("wanted", "environment", "threads"),
    [
        (None, {}, 3),
        (5, {}, 5),
        (None, {"TF_NUM_INTRAOP_THREADS": "4"}, None),
        (None, {"MAKEFLAGS": " -j2 --jobserver-auth=3,4"}, 2),
    ],
)
def test_backend_has_no_more_threads_than_a_container_has_cores(wanted, environment, threads):
    assert threads_for(wanted, environment, 3, 8) == threads


def test_backend_computes_with_that_many_threads(monkeypatch):
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "MAKEFLAGS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    limit_threads(None)
    child = (
        "import os; from vidstyle.neural.device.preload import limit_threads; limit_threads({});"
        "print(os.environ.get('TF_NUM_INTRAOP_THREADS'))"
    )
    # Within a quota of this machine it has as many as that.
    for wanted, expected in ((None, str(threads_for(None, {}, cores(), preload._visible_cores()))), (1, "1")):
        run = subprocess.run(
            [sys.executable, "-c", child.format(wanted)], capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == expected


glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the settings")

# Prints whether memory comes from the system, and a checksum of an image that is painted in tiles.
CHILD = """
import sys, zlib
import numpy as np
from vidstyle.neural.device.preload import use_system_malloc
print(use_system_malloc() if sys.argv[1] == "system" else False)
from vidstyle.neural.inputs import FrameTargets
from vidstyle.neural.painter import OptimizingPainter
from vidstyle.options.groups import MachineOptions, PaintOptions
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.layers import Layers
from vidstyle.options.values import Tile
objective = ObjectiveOptions(
    content_layers=Layers.parse("conv2_1"), style_layers=Layers.parse("conv1_1,conv2_1")
)
painter = OptimizingPainter(PaintOptions(first_iterations=3), MachineOptions(tile=Tile(256)), objective)
image = np.random.default_rng(0).random((288, 320, 3), np.float32)
painted = painter.paint(FrameTargets(image, painter.prepare([image[::-1]])))
print(zlib.crc32(painted.image.tobytes()), painted.losses)
"""


def child(allocator):
    run = subprocess.run([sys.executable, "-c", CHILD, allocator], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


@glibc
@pytest.mark.skipif(
    os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow", reason="only TensorFlow has the settings"
)
def test_image_is_the_same_with_either_allocator():
    (from_system, *painted), (from_backend, *again) = child("system"), child("backend")
    assert (from_system, from_backend) == ("True", "False")
    assert painted == again


@glibc
def test_environment_is_set_before_the_backend_is_loaded():
    code = (
        "from vidstyle.neural.device.preload import use_system_malloc;"
        "e = {}; print(use_system_malloc(e)); print(e)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["True", str(ENVIRONMENT)]


def test_loaded_backend_is_left_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", object())
    environment = {}
    assert not use_system_malloc(environment)
    assert environment == {}


def test_other_backend_is_left_alone():
    environment = {"KERAS_BACKEND": "jax"}
    assert not use_system_malloc(environment)
    assert environment == {"KERAS_BACKEND": "jax"}


@pytest.mark.parametrize("missing", [None, OSError("none"), TypeError("no name")])
def test_other_c_library_is_left_alone(monkeypatch, missing):
    def load(_):
        if missing:
            raise missing
        return object()

    monkeypatch.setattr("vidstyle.neural.device.preload.ctypes.CDLL", load)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    environment = {}
    assert not use_system_malloc(environment)
    assert environment == {}
    trim_heap()
