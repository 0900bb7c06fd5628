import pytest

from vidstyle.cli.text_files import read_toml, to_utf8


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_read_by_its_byte_order_mark(encoding):
    assert to_utf8("Zürich\r\n".encode(encoding)) == "Zürich\r\n".encode()


def test_either_order_of_bytes_is_read():
    for mark, order in ((b"\xff\xfe", "le"), (b"\xfe\xff", "be")):
        assert to_utf8(mark + "Zürich".encode(f"utf-16-{order}")) == "Zürich".encode()


def test_bytes_that_are_not_utf_8_stay():
    assert to_utf8(b"raw\xff.png") == b"raw\xff.png"


@pytest.mark.parametrize("data", [b"\xff\xfea", "a.mp4".encode("utf-16-le"), b"\xff\xfe\0\xd8a\0"])
def test_damaged_text_is_refused(data):
    with pytest.raises(ValueError, match=r"utf-16|zero bytes"):
        to_utf8(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_toml_is_read_with_all_its_values(tmp_path, encoding):
    (tmp_path / "jobs.toml").write_bytes('a = "ü"\nb = [1, "x"]\n[[job]]\nc = true\n'.encode(encoding))
    assert read_toml(tmp_path / "jobs.toml") == {"a": "ü", "b": [1, "x"], "job": [{"c": True}]}
