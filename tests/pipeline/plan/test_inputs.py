import os
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from support.clips import COPIED

from vidstyle.errors import ProbeError
from vidstyle.media.video.probe import Kind
from vidstyle.options.media import PictureOptions
from vidstyle.pipeline.plan.inputs import Found, file_identity, find_single, is_folder, is_sequence


@pytest.fixture
def stills(tmp_path):
    for number in range(2):
        Image.new("RGB", (8, 8)).save(tmp_path / f"{number}.png")
    return tmp_path


def test_photo_and_sequence_are_found_with_their_kind(stills):
    photo, first, second = stills / "0.png", stills / "0.png", stills / "1.png"
    assert find_single(photo, is_sequence=False) == Found(photo, Path(), Kind.PHOTO)
    found = find_single(stills / "%d.png", is_sequence=True)
    assert (found.kind, found.stills) == (Kind.FILM, (first, second))


def test_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(ProbeError, match=r"gone\.mp4"):
        find_single(tmp_path / "gone.mp4", is_sequence=False)


def test_folder_is_a_sequence_only_on_request(stills):
    sequence = replace(COPIED, pictures=PictureOptions(sequence=True))
    assert is_sequence(stills, sequence)
    assert not is_sequence(stills, COPIED)
    assert is_sequence(stills / "%d.png", COPIED)
    assert not is_sequence(stills / "0.png", sequence)


def test_name_that_is_too_long_is_not_a_folder(tmp_path):
    assert is_folder(tmp_path)
    assert not is_folder(tmp_path / ("x" * 300))


def test_identity_of_a_file_is_that_of_its_links(stills):
    os.link(stills / "0.png", stills / "link.png")
    assert file_identity(stills / "link.png") == file_identity(stills / "0.png") is not None
    assert file_identity(stills / "1.png") != file_identity(stills / "0.png")
    assert file_identity(stills / "gone.png") is None
