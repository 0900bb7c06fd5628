import os
import threading

import pytest

from vidstyle.errors import WorkdirError
from vidstyle.pipeline.work.ledger import Ledger


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "in.mp4"
    path.write_bytes(b"content")
    return path


class Reader:
    def __init__(self):
        self.calls = 0

    def __call__(self, path):
        self.calls += 1
        return path.read_bytes().hex()


def test_file_is_read_once(ledger, file, tmp_path):
    reader = Reader()
    expected = b"content".hex()
    assert [ledger.content_hash(file, reader) for _ in range(3)] == [expected] * 3
    assert Ledger(tmp_path).content_hash(file, reader) == expected
    assert reader.calls == 1


def test_changed_file_is_read_again(ledger, file):
    reader = Reader()
    before = ledger.content_hash(file, reader)
    file.write_bytes(b"longer content")
    assert ledger.content_hash(file, reader) != before


def test_file_of_same_size_written_later_is_read_again(ledger, file):
    reader = Reader()
    ledger.content_hash(file, reader)
    status = file.stat()
    file.write_bytes(b"CONTENT")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert ledger.content_hash(file, reader) == b"CONTENT".hex()


def test_replaced_file_of_same_size_and_time_is_read_again(ledger, file, tmp_path):
    reader = Reader()
    ledger.content_hash(file, reader)
    status = file.stat()
    other = tmp_path / "other"
    other.write_bytes(b"CONTENT")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(file)
    assert ledger.content_hash(file, reader) == b"CONTENT".hex()


def test_file_with_new_time_alone_keeps_its_hash(ledger, file):
    reader = Reader()
    before = ledger.content_hash(file, reader)
    os.utime(file, ns=(1, 1))
    assert ledger.content_hash(file, reader) == before
    assert reader.calls == 2


def test_output_is_known_after_it_is_renamed(ledger, tmp_path):
    made, output = tmp_path / "made.mp4", tmp_path / "out.mp4"
    made.write_bytes(b"film")
    ledger.note(output, made, "key")
    assert not ledger.is_made(output, "key")
    made.replace(output)
    assert ledger.is_made(output, "key")
    assert Ledger(tmp_path).is_made(output, "key")
    assert not ledger.is_made(output, "other")


def test_changed_output_is_not_known(ledger, tmp_path):
    output = tmp_path / "out.mp4"
    output.write_bytes(b"film")
    ledger.note(output, output, "key")
    output.write_bytes(b"another film")
    assert not ledger.is_made(output, "key")


def test_older_output_is_not_known_by_note_before_a_crash(ledger, tmp_path):
    made, output = tmp_path / "made.mp4", tmp_path / "out.mp4"
    output.write_bytes(b"older")
    made.write_bytes(b"newer film")
    ledger.note(output, made, "key")
    assert not ledger.is_made(output, "key")


@pytest.mark.parametrize("damage", ["", "{", "null\n", "[]\n", '["hash", 5]\n', "\x00\x00", b"\xff\xfe\n"])
def test_damaged_ledger_is_started_again(ledger, file, tmp_path, damage):
    reader = Reader()
    ledger.content_hash(file, reader)
    data = damage if isinstance(damage, bytes) else damage.encode()
    (tmp_path / ".vidstyle" / "ledger.jsonl").write_bytes(data)
    assert not ledger.is_made(file, "key")
    ledger.content_hash(file, reader)
    ledger.content_hash(file, reader)
    assert reader.calls == 2


def test_torn_line_does_not_damage_the_next(ledger, file, tmp_path):
    ledger.note(file, file, "key")
    path = tmp_path / ".vidstyle" / "ledger.jsonl"
    path.write_bytes(path.read_bytes() + b'["output", "other.mp4", [1, 2')
    Ledger(tmp_path).note(tmp_path / "third.mp4", file, "key")
    assert ledger.is_made(file, "key")
    assert Ledger(tmp_path).is_output(file)
    assert b'[1, 2\n["output", "third.mp4"' in path.read_bytes()


@pytest.mark.parametrize("entry", [None, 5, "text", [], [1], {"a": 1}])
def test_damaged_entry_is_ignored(ledger, file, entry):
    ledger._add("hash", str(file), entry)
    ledger._add("output", file.name, entry)
    assert ledger.content_hash(file, Reader()) == b"content".hex()
    assert not ledger.is_made(file, "key")
    assert not ledger.is_output(file)


def test_lines_of_another_process_are_read(ledger, file, tmp_path):
    other = Ledger(tmp_path)
    for number in range(5):
        other.note(file, file, f"key {number}")
        assert ledger.is_made(file, f"key {number}")


def test_ledger_drops_outdated_lines(ledger, file, tmp_path, monkeypatch):
    monkeypatch.setattr("vidstyle.pipeline.work.ledger._COMPACT_LINES", 10)
    bystander = Ledger(tmp_path)
    for number in range(50):
        ledger.note(file, file, f"key {number}")
        assert bystander.is_made(file, f"key {number}")
    lines = (tmp_path / ".vidstyle" / "ledger.jsonl").read_text().splitlines()
    assert len(lines) < 15
    assert {path.name for path in (tmp_path / ".vidstyle").iterdir()} == {"ledger.jsonl", "ledger.lock"}


def test_names_of_any_bytes_are_kept(ledger, tmp_path):
    output = tmp_path / os.fsdecode(b"raw\xff \xe4\n.mp4")
    output.write_bytes(b"film")
    ledger.note(output, output, "key")
    assert ledger.is_made(output, "key")


def test_parallel_runs_lose_nothing_of_each_other(tmp_path):
    outputs = [tmp_path / f"{number}.mp4" for number in range(8)]
    for output in outputs:
        output.write_bytes(b"film")
    threads = [
        threading.Thread(target=Ledger(tmp_path).note, args=(output, output, "key")) for output in outputs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(Ledger(tmp_path).is_made(output, "key") for output in outputs)


def test_folder_that_cannot_be_written_is_named(tmp_path, file):
    (tmp_path / ".vidstyle").write_text("in the way")
    with pytest.raises(WorkdirError, match="cannot be written"):
        Ledger(tmp_path).content_hash(file, Reader())
