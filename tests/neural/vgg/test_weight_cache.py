import multiprocessing
import os
import pwd
import stat

import numpy as np
import pytest

from vidstyle.neural.vgg.weight_cache import cache_folder, load_cached

SHAPES = {"one": (3, 3, 3, 4), "two": (3, 3, 4, 8)}
CHECKSUM = "0123456789abcdef" * 4


def decoded():
    rng = np.random.default_rng(0)
    return {
        name: (rng.random(shape, np.float32), rng.random(shape[3], np.float32))
        for name, shape in SHAPES.items()
    }


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "vidstyle"


def same(layers):
    expected = decoded()
    return all(
        np.array_equal(found, due)
        for name in SHAPES
        for found, due in zip(layers[name], expected[name], strict=True)
    )


def refuse():
    raise AssertionError("decoded again")


def test_weights_are_decoded_once_and_then_mapped():
    assert same(load_cached(CHECKSUM, SHAPES, decoded))
    layers = load_cached(CHECKSUM, SHAPES, refuse)
    assert same(layers)
    assert isinstance(layers["one"][0].base, np.memmap)
    assert not layers["one"][0].flags.writeable


def test_weights_of_another_file_are_not_used():
    load_cached(CHECKSUM, SHAPES, decoded)
    with pytest.raises(AssertionError):
        load_cached("f" * 64, SHAPES, refuse)


@pytest.mark.parametrize("damage", ["flipped", "cut", "longer", "note", "no note"])
def test_damaged_cache_is_found_and_written_again(cache, damage):
    load_cached(CHECKSUM, SHAPES, decoded)
    (file,) = cache.glob("*.f32")
    note = file.with_suffix(".json")
    data = bytearray(file.read_bytes())
    if damage == "flipped":
        data[100] ^= 1
    file.write_bytes({"cut": data[:-4], "longer": data + b"1234"}.get(damage, data))
    if damage == "note":
        note.write_text("{")
    elif damage == "no note":
        note.unlink()
    assert same(load_cached(CHECKSUM, SHAPES, decoded))
    assert same(load_cached(CHECKSUM, SHAPES, refuse))


def test_copied_cache_is_verified_again_and_used(cache):
    load_cached(CHECKSUM, SHAPES, decoded)
    (file,) = cache.glob("*.f32")
    os.utime(file, ns=(1, 1))
    assert same(load_cached(CHECKSUM, SHAPES, refuse))
    before = file.with_suffix(".json").stat().st_mtime_ns
    load_cached(CHECKSUM, SHAPES, refuse)
    assert file.with_suffix(".json").stat().st_mtime_ns == before


def test_weights_are_decoded_without_a_writable_folder(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert same(load_cached(CHECKSUM, SHAPES, decoded))
    assert same(load_cached(CHECKSUM, SHAPES, decoded))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_weights_are_decoded_with_a_read_only_folder(cache):
    cache.mkdir(parents=True)
    cache.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert same(load_cached(CHECKSUM, SHAPES, decoded))


def test_folder_is_that_of_xdg(monkeypatch, tmp_path):
    assert cache_folder() == tmp_path / "cache" / "vidstyle"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # The specification says to ignore it.
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "vidstyle"


def no_account(_user):
    raise KeyError


@pytest.mark.parametrize("home", ["~", "relative", None])
def test_nothing_is_stored_in_the_current_folder_without_a_home(monkeypatch, tmp_path, home):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", home or "")
    if home is None:
        monkeypatch.delenv("HOME")
        monkeypatch.setattr(pwd, "getpwuid", no_account)
    monkeypatch.chdir(tmp_path)
    assert same(load_cached(CHECKSUM, SHAPES, decoded))
    assert list(tmp_path.iterdir()) == []


def start(results):
    results.put(same(load_cached(CHECKSUM, SHAPES, decoded)))


def test_processes_that_start_at_once_do_not_disturb_each_other(cache):
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    processes = [context.Process(target=start, args=(results,)) for _ in range(6)]
    for process in processes:
        process.start()
    assert [results.get(timeout=30) for _ in processes] == [True] * 6
    for process in processes:
        process.join()
    assert same(load_cached(CHECKSUM, SHAPES, refuse))
    assert len(list(cache.iterdir())) == 2
