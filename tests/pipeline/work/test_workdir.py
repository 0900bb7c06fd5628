import json
import subprocess
import sys

import numpy as np
import pytest

from vidstyle.errors import VidstyleError, WorkdirError
from vidstyle.media.frame_png import write_frame
from vidstyle.pipeline.work.frame_store import Record
from vidstyle.pipeline.work.workdir import ExistingWork, Workdir, count_existing, known_interlaced, read_about

JOURNAL = "journal/000000.jsonl"


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.mp4"


def save(work, *indices):
    for index in indices:
        image = np.full((4, 6, 3), index / 10, np.float32)
        crc = write_frame(work.frame(index), image)
        work.record(Record(index, crc, {"index": index}, {"gamma": 0.1 * index}), shot_start=0)


def filled(output, *indices, key="key"):
    with Workdir(output, key) as work:
        save(work, *indices)
    return work


def missing(output, count=4, key="key"):
    with Workdir(output, key) as work:
        return work.missing(range(count))


def test_tile_size_is_noted_until_run_is_discarded(tmp_path):
    with Workdir(tmp_path / "out.mp4", "key") as work:
        assert work.tile_px is None
        work.note_tile(512)
        work.note_tile(256)
    with Workdir(tmp_path / "out.mp4", "key") as work:
        work.describe(tmp_path / "in.mp4", tmp_path / "out.mp4", 3)
        assert work.tile_px == 256
        assert read_about(work.path)["frames"] == 3
    with Workdir(tmp_path / "out.mp4", "key", fresh=True) as work:
        assert work.tile_px is None


def test_recorded_frame_is_painted_for_the_next_run(output):
    filled(output, 0, 2)
    with Workdir(output, "key") as work:
        assert work.missing(range(4)) == [1, 3]
        assert work.get(2) == Record(2, work.get(2).crc, {"index": 2}, {"gamma": 0.2})


def test_numbers_are_read_back_to_the_last_bit(output):
    gamma = float(np.float32(1) / 3)
    with Workdir(output, "key") as work:
        crc = write_frame(work.frame(0), np.zeros((4, 4, 3), np.float32))
        work.record(Record(0, crc, {}, {"gamma": gamma}), shot_start=0)
    with Workdir(output, "key") as work:
        assert work.get(0).state == {"gamma": gamma}


def test_frames_of_another_key_are_separate(output):
    filled(output, 0)
    assert missing(output, 1, key="other") == [0]


def test_frame_without_line_in_journal_is_missing(output):
    work = filled(output, 0)
    write_frame(work.frame(1), np.zeros((4, 4, 3), np.float32))
    assert missing(output, 2) == [1]


def test_frame_without_file_is_missing(output):
    filled(output, 0, 1).frame(0).unlink()
    assert missing(output, 2) == [0]


def test_truncated_frame_is_missing(output):
    frame = filled(output, 0, 1).frame(1)
    frame.write_bytes(frame.read_bytes()[:-1])
    assert missing(output, 2) == [1]


@pytest.mark.parametrize("at", [0, 40, -1])
def test_frame_with_flipped_bit_is_missing(output, at):
    frame = filled(output, 0, 1).frame(1)
    data = bytearray(frame.read_bytes())
    data[at] ^= 1
    frame.write_bytes(data)
    assert missing(output, 2) == [1]


@pytest.mark.parametrize("lost", [1, 2, 10, 30])
def test_torn_last_line_does_not_swallow_the_next(output, lost):
    journal = filled(output, 0, 1, 2).path / JOURNAL
    journal.write_bytes(journal.read_bytes()[:-lost])
    with Workdir(output, "key") as work:
        # Without its end of line alone, a line is still whole.
        assert work.missing(range(4)) == ([3] if lost == 1 else [2, 3])
        save(work, 3)
    assert missing(output) == ([] if lost == 1 else [2])


@pytest.mark.parametrize(
    "line", ["", "\n", "{}", "null 00000000", '[1] "x"', "\x00\x00\x00", '{"index": 1} 7b', "\u2028"]
)
def test_damaged_line_costs_only_its_own_frame(output, line):
    journal = filled(output, 0, 1, 2).path / JOURNAL
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join([lines[0], line, lines[2]]) + "\n")
    assert missing(output, 3) == [1]


def test_changed_number_in_journal_is_noticed(output):
    journal = filled(output, 0, 1).path / JOURNAL
    journal.write_text(journal.read_text().replace('"gamma": 0.1', '"gamma": 0.2'))
    assert missing(output, 2) == [1]


def test_bytes_that_are_not_text_cost_only_their_line(output):
    journal = filled(output, 0, 1).path / JOURNAL
    journal.write_bytes(journal.read_bytes() + b"\xff\xfe\x80\n")
    assert missing(output, 3) == [2]


def test_latest_line_of_frame_counts(output):
    frame = filled(output, 0).frame(0)
    frame.write_bytes(b"damaged")
    with Workdir(output, "key") as work:
        assert work.missing([0]) == [0]
        save(work, 0)
        assert work.missing([0]) == []
    assert missing(output, 1) == []


def test_fresh_run_discards_everything(output):
    filled(output, 0, 1)
    with Workdir(output, "key", fresh=True) as work:
        assert work.missing(range(2)) == [0, 1]
        assert list(work.frames.iterdir()) == []
    assert missing(output, 2) == [0, 1]


def test_unfinished_files_of_killed_run_are_removed(output):
    work = filled(output, 0)
    leftovers = [work.frames / ".vidstyle-12-ab.part", work.path / ".vidstyle-12-ab.mp4"]
    for leftover in leftovers:
        leftover.touch()
    assert missing(output, 1) == []
    assert not any(leftover.exists() for leftover in leftovers)


def test_removed_folder_leaves_no_trace(output):
    with Workdir(output, "key") as work:
        save(work, 0)
        (work.path / "result.mp4").touch()
        work.remove()
    assert list((output.parent / ".vidstyle").iterdir()) == []
    assert missing(output, 1) == [0]


CHILD = """
import sys
from pathlib import Path
from vidstyle.errors import WorkdirError
from vidstyle.pipeline.work.workdir import Workdir
try:
    with Workdir(Path(sys.argv[1]), sys.argv[2]):
        print("held")
except WorkdirError as exc:
    print(exc)
"""


def in_another_process(output, key):
    child = [sys.executable, "-c", CHILD, str(output), key]
    return subprocess.run(child, capture_output=True, text=True, check=True).stdout.strip()


def test_second_process_is_refused_while_first_holds_the_lock(output):
    with Workdir(output, "key"):
        assert in_another_process(output, "key").startswith("another run is ")
    assert in_another_process(output, "key") == "held"


def test_requests_for_one_output_exclude_each_other(output):
    with Workdir(output, "key"):
        assert in_another_process(output, "other").startswith("another run is ")


def test_outputs_of_one_folder_are_painted_in_parallel(output):
    with Workdir(output, "key"):
        assert in_another_process(output.with_name("second.mp4"), "other") == "held"


def test_refused_run_does_not_disturb_the_one_at_work(output):
    with Workdir(output, "key") as work:
        save(work, 0)
        with pytest.raises(WorkdirError), Workdir(output, "key", fresh=True):
            pass
        save(work, 1)
    assert missing(output, 2) == []


def test_lock_is_released_when_opening_fails(output):
    work = filled(output, 0)
    work.frames.rename(work.path / "elsewhere")
    work.frames.write_text("in the way")
    with pytest.raises(WorkdirError, match=r"work folder .* cannot be used"), Workdir(output, "key"):
        pass
    work.frames.unlink()
    (work.path / "elsewhere").rename(work.frames)
    assert missing(output, 1) == []


def test_folder_that_cannot_be_made_is_named(output):
    (output.parent / ".vidstyle").write_text("in the way")
    with pytest.raises(WorkdirError, match="choose another output folder"), Workdir(output, "key"):
        pass


def test_full_disk_is_named_and_frame_does_not_count(output, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with Workdir(output, "key") as work:
        save(work, 0)
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            with pytest.raises(VidstyleError, match="No space left on device"):
                save(work, 1)
        assert work.missing([0, 1]) == [1]


def test_journal_is_lines_of_json_with_checksum(output):
    first, second = (filled(output, 0, 1).path / JOURNAL).read_text().splitlines()
    assert json.loads(first.rpartition(" ")[0])["index"] == 0
    assert json.loads(second.rpartition(" ")[0])["state"] == {"gamma": 0.1}


def test_flow_of_a_finished_shot_is_discarded_alone(output):
    with Workdir(output, "key") as work:
        work.flows.mkdir()
        for name in ("000000-000001", "000001-000003", "000004-000005"):
            (work.flows / f"{name}.npz").touch()
        work.discard_flows(range(4))
        assert [path.name for path in work.flows.iterdir()] == ["000004-000005.npz"]
        work.discard_flows(range(4, 6))
        assert not work.flows.exists()
        work.discard_flows(range(6, 9))


def test_existing_work_is_counted(output):
    assert count_existing(output, "key") is None
    with Workdir(output, "key") as work:
        save(work, 0, 1)
        save(work.earlier_pass(1), 0, 1, 2)
        work.flows.mkdir()
        (work.flows / "000000-000001.npz").touch()
    assert count_existing(output, "key") == ExistingWork(frames=2, earlier=3, flows=1)


@pytest.mark.parametrize("interlaced", [False, True])
def test_interlaced_source_is_known_to_later_runs(output, interlaced):
    assert known_interlaced(output, "key") is None
    with Workdir(output, "key") as work:
        work.describe(output, output, 3, interlaced=interlaced)
    assert known_interlaced(output, "key") is interlaced
