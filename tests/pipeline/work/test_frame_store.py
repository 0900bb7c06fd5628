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


def save(store, *indices, shot_start=0):
    for index in indices:
        crc = write_frame(store.frame(index), np.full((2, 3, 3), index / 10, np.float32))
        store.record(Record(index, crc, {"seconds": 0.1}, {"gamma": 0.5}), shot_start=shot_start)


def opened(store):
    again = FrameStore(store.path)
    again.open()
    return again


def journal(store, shot_start=0):
    return store.path / "journal" / f"{shot_start:06d}.jsonl"


def test_store_opened_again_finds_its_frames(store):
    save(store, 1, 3)
    again = opened(store)
    assert again.missing(range(5)) == [0, 2, 4]
    assert again.get(3) == store.get(3)


def test_discarded_frames_are_gone_for_good(store):
    save(store, 0, 1, 2)
    store.discard([0, 2])
    assert store.missing(range(3)) == [0, 2]
    assert opened(store).missing(range(3)) == [0, 2]
    assert [path.name for path in store.frames.iterdir()] == ["000001.png"]


def test_discarded_frame_can_be_stored_again(store):
    save(store, 0)
    store.discard([0])
    save(store, 0)
    assert store.missing([0]) == []


def test_fresh_store_discards_everything(store):
    save(store, 0)
    save(store, 5, shot_start=5)
    store.open(fresh=True)
    assert store.missing([0, 5]) == [0, 5]
    assert opened(store).missing([0, 5]) == [0, 5]


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkdirError, match="file"):
        FrameStore(tmp_path / "file" / "store").open()


def test_shots_have_their_own_journals(store):
    save(store, 0, 1)
    save(store, 4, 3, shot_start=3)
    lines = {path.name: path.read_bytes().count(b"\n") for path in (store.path / "journal").iterdir()}
    assert lines == {"000000.jsonl": 2, "000003.jsonl": 2}
    assert opened(store).missing(range(5)) == [2]


@pytest.mark.parametrize("damage", [b"", b"\x00" * 99, b"\xff\n", b'{"index": 0}', None])
def test_damaged_journal_does_not_touch_the_others(store, damage):
    save(store, 0, 1)
    save(store, 3, shot_start=3)
    content = journal(store).read_bytes()
    journal(store).write_bytes(content[:-20] if damage is None else damage)
    assert opened(store).missing([0, 1, 3]) == ([1] if damage is None else [0, 1])


def test_torn_journal_is_only_appended_to(store):
    save(store, 0, 1)
    torn = journal(store).read_bytes()[:-20]
    journal(store).write_bytes(torn)
    again = opened(store)
    assert journal(store).read_bytes() == torn  # Another process may be writing the line.
    save(again, 1)
    save(again, 2)
    assert journal(store).read_bytes().startswith(torn + b"\n")
    assert opened(store).missing(range(3)) == []


def test_frames_of_other_processes_are_found_by_refresh(store):
    other = opened(store)
    save(other, 3, shot_start=3)
    assert store.missing([3]) == [3]
    store.refresh()
    assert store.missing([3]) == []


def test_journal_of_older_layout_is_ignored(store):
    save(store, 0, 1)
    journal(store).rename(store.path / "journal.jsonl")
    (store.path / "journal").rmdir()
    again = opened(store)
    assert again.missing([0, 1]) == [0, 1]
    save(again, 0, 1)
    assert opened(store).missing([0, 1]) == []
