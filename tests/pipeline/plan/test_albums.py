import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import raw_files as raw

from vidstyle.errors import InputError
from vidstyle.pipeline.plan.albums import scan_folder
from vidstyle.pipeline.work.ledger import Ledger


@pytest.fixture
def album(tmp_path):
    for name in ("a10.jpg", "a2.jpg", "sub/b.png", "sub/deep/c.webp"):
        picture(tmp_path / "album" / name)
    return tmp_path / "album"


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8, 3), 99, np.uint8)).save(path)
    return path


def names(found):
    return [str(item.inside / item.path.name) for item in found.found]


def test_photos_of_folder_are_found_in_natural_order(album):
    found = scan_folder(album, ())
    assert names(found) == ["a2.jpg", "a10.jpg"]
    assert found.passed_over == {"sub-folder": 1}


def test_sub_folders_come_after_files_of_their_parent(album):
    assert names(scan_folder(album, (), recursive=True)) == [
        "a2.jpg",
        "a10.jpg",
        "sub/b.png",
        "sub/deep/c.webp",
    ]


def test_other_files_are_passed_over_and_counted(album):
    for name in (".hidden.jpg", "a2.xmp", "IMG.AAE", "Thumbs.db", "notes.txt", "style.jpg"):
        (album / name).write_bytes(b"x")
    shutil.copyfile(picture(album / "style.png"), album / "style.jpg")
    (album / ".git").mkdir()
    found = scan_folder(album, [album / "style.jpg"])
    assert "style.jpg" not in names(found)
    assert found.passed_over == {"hidden": 2, "sidecar": 3, "other file": 1, "style": 1, "sub-folder": 1}


def test_live_photo_film_is_passed_over(album, short):
    shutil.copyfile(short, album / "A2.MOV")
    shutil.copyfile(short, album / "film.mov")
    found = scan_folder(album, ())
    assert found.passed_over["Live Photo film"] == 1
    assert names(found) == ["a2.jpg", "a10.jpg", "film.mov"]


def test_damaged_photo_has_a_fault(album):
    (album / "bad.jpg").write_bytes(b"no picture")
    assert [item.path.name for item in scan_folder(album, ()).found if item.fault] == ["bad.jpg"]


def test_output_folder_inside_album_is_passed_over(album):
    picture(album / "painted" / "a2.jpg")
    found = scan_folder(album, (), recursive=True, outputs=[album / "painted"])
    assert "painted/a2.jpg" not in names(found)
    assert found.passed_over == {"output folder": 1}


def test_earlier_output_is_passed_over_until_it_is_edited(album):
    made = picture(album / "sub" / "a2-starry.jpg")
    Ledger(album / "sub").note(made, made, "key")
    found = scan_folder(album, (), recursive=True)
    assert "sub/a2-starry.jpg" not in names(found)
    assert found.passed_over == {"painted before": 1}
    made.write_bytes(made.read_bytes() + b"edited")
    assert "sub/a2-starry.jpg" in names(scan_folder(album, (), recursive=True))


@pytest.mark.usefixtures("promptly")
def test_link_to_parent_folder_is_not_followed_forever(album):
    (album / "sub" / "up").symlink_to(album)
    assert len(scan_folder(album, (), recursive=True).found) == 4


def test_empty_album_reports_what_was_passed_over(tmp_path):
    (tmp_path / "notes.txt").touch()
    (tmp_path / "sub").mkdir()
    with pytest.raises(
        InputError,
        match=r"neither a photo nor a film \(1 other file, 1 sub-folder passed over\).*--recursive",
    ):
        scan_folder(tmp_path, ())


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_sub_folder_has_a_fault(album):
    (album / "sub").chmod(0)
    found = scan_folder(album, (), recursive=True)
    (album / "sub").chmod(0o755)
    assert [item.path for item in found.found if item.fault] == [Path(album / "sub")]


def test_raw_of_a_pair_is_passed_over(album):
    (album / "A2.NEF").write_bytes(raw.nef(raw.jpeg(96, 64)))
    (album / "single.nef").write_bytes(raw.nef(raw.jpeg(96, 64)))
    found = scan_folder(album, ())
    assert names(found) == ["a2.jpg", "a10.jpg", "single.nef"]
    assert found.passed_over["RAW of a pair"] == 1


def test_raw_with_a_damaged_or_foreign_picture_is_painted(album):
    for name in ("bad", "painted", "sub/other"):
        (album / f"{name}.nef").write_bytes(raw.nef(raw.jpeg(96, 64)))
    (album / "bad.jpg").write_bytes(b"no picture")
    made = picture(album / "painted.png")
    Ledger(album).note(made, made, "key")
    picture(album / "other.jpg")
    assert {"bad.nef", "painted.nef", "sub/other.nef"} <= set(names(scan_folder(album, (), recursive=True)))


def test_raw_that_cannot_be_painted_has_a_fault(album, monkeypatch):
    monkeypatch.setitem(sys.modules, "rawpy", None)
    (album / "bare.nef").write_bytes(raw.nef())
    assert [item.path.name for item in scan_folder(album, ()).found if item.fault] == ["bare.nef"]
