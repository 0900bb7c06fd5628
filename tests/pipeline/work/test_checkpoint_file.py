import os

import numpy as np
import pytest

from vidstyle.pipeline.work import checkpoint_file as module
from vidstyle.pipeline.work.checkpoint_file import INTERVAL_S, StoredCheckpoints

ARRAYS = {"image": np.arange(12, dtype=np.float32).reshape(2, 2, 3), "count": np.array(7, np.int32)}


@pytest.fixture
def stored(tmp_path):
    return StoredCheckpoints(tmp_path / "checkpoint.npz", lambda: "whole")


def same(found):
    return found.keys() == ARRAYS.keys() and all(
        found[name].dtype == ARRAYS[name].dtype and np.array_equal(found[name], ARRAYS[name])
        for name in ARRAYS
    )


def test_latest_checkpoint_is_read_back(stored):
    assert stored.load() is None
    stored.save({"image": np.zeros(3)})
    stored.save(ARRAYS)
    assert same(stored.load())
    assert [path.name for path in stored.path.parent.iterdir()] == ["checkpoint.npz"]
    stored.remove()
    stored.remove()
    assert stored.load() is None


def test_checkpoint_of_another_layout_is_ignored(stored):
    stored.save(ARRAYS)
    assert StoredCheckpoints(stored.path, lambda: "in windows").load() is None


@pytest.mark.parametrize("place", [0.0, 0.3, 0.9])
def test_damaged_checkpoint_is_ignored(stored, place):
    stored.save(ARRAYS | {"noise": np.random.default_rng(0).random(1000)})
    data = bytearray(stored.path.read_bytes())
    data[int(place * len(data))] ^= 0xFF
    stored.path.write_bytes(data)
    assert stored.load() is None
    stored.path.write_bytes(data[: len(data) // 2])
    assert stored.load() is None


def test_failed_write_leaves_the_checkpoint_before(stored, monkeypatch):
    stored.save(ARRAYS)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    stored.save({"image": np.zeros(3)})
    assert same(stored.load())
    assert len([*stored.path.parent.iterdir()]) == 1


def test_checkpoint_is_due_every_few_minutes_and_less_often_on_slow_disk(stored, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    stored.save(ARRAYS)
    for seconds, due in ((INTERVAL_S - 1, False), (2, True)):
        now[0] += seconds
        assert stored.due is due

    def slow(*_):
        now[0] += 30

    monkeypatch.setattr(os, "fsync", slow)
    stored.save(ARRAYS)
    for seconds, due in ((30 / 0.05 - 1, False), (2, True)):
        now[0] += seconds
        assert stored.due is due
