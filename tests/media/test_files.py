import os

import pytest

from vidstyle.errors import OutputError, ProbeError
from vidstyle.media.files import check_readable, check_writable, plain_name, replace_with


@pytest.mark.parametrize(
    "name", [b"plain.mp4", b"50%d.mp4", b"a:b.mp4", b"new\nline.mp4", b"\xff\xfe.mp4", b"x" * 255]
)
def test_plain_name_opens_the_same_file(name, tmp_path):
    path = tmp_path / os.fsdecode(name)
    path.write_text("content")
    with plain_name(path) as plain:
        assert plain.isascii()
        assert plain.isprintable()
        assert "%" not in plain
        with open(plain) as file:  # noqa: PTH123 - as a C library would.
            assert file.read() == "content"
    assert path.read_text() == "content"


def test_unreadable_file_is_refused_by_name(tmp_path):
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, words in {
        "missing": "No such",
        "empty": "empty",
        "pipe": "pipe",
        "loop": "symbolic",
        ".": "folder",
    }.items():
        with pytest.raises(ProbeError, match=words):
            check_readable(tmp_path / name)
    with pytest.raises(ProbeError, match="null"):
        check_readable(tmp_path / "a\0b")


def test_file_is_replaced_atomically(tmp_path):
    path = tmp_path / ("x" * 255)
    path.write_bytes(b"old")
    replace_with(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_failed_replacement_keeps_old_file_and_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        replace_with(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_writable_check_names_the_fault_and_leaves_nothing(tmp_path):
    check_writable(tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == []
    for path, words in {
        tmp_path: "is a folder",
        tmp_path / "a" / "b": "create it",
        type(tmp_path)("/proc/x"): "written",
    }.items():
        with pytest.raises(OutputError, match=words):
            check_writable(path)
