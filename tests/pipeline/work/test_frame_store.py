import numpy as np
import pytest

from vidstyle.errors import WorkdirError
from vidstyle.media.frame_png import write_frame
from vidstyle.pipeline.work.frame_store import FrameStore, Record


@pytest.fixture
def store(tmp_path):
    made = FrameStore(tmp_path / "store")
    made.open()
    return made


def save(store, *indices):
    for index in indices:
        crc = write_frame(store.frame(index), np.full((2, 3, 3), index / 10, np.float32))
        store.record(Record(index, crc, {"seconds": 0.1}, {"gamma": 0.5}))


def test_another_look_finds_what_was_kept(store):
    save(store, 1, 3)
    again = FrameStore(store.path)
    again.open()
    assert again.missing(range(5)) == [0, 2, 4]
    assert again.finished(3) == store.finished(3)


def test_what_is_forgotten_is_gone_for_good(store):
    save(store, 0, 1, 2)
    store.forget([0, 2])
    assert store.missing(range(3)) == [0, 2]
    again = FrameStore(store.path)
    again.open()
    assert again.missing(range(3)) == [0, 2]
    assert [path.name for path in store.frames.iterdir()] == ["000001.png"]


def test_what_was_forgotten_can_be_kept_anew(store):
    save(store, 0)
    store.forget([0])
    save(store, 0)
    assert store.missing([0]) == []


def test_fresh_forgets_everything(store):
    save(store, 0)
    store.open(fresh=True)
    assert store.missing([0]) == [0]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkdirError, match="file"):
        FrameStore(tmp_path / "file" / "store").open()
