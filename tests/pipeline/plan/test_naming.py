import os
from pathlib import Path

import pytest

from vidstyle.errors import OutputError, UsageError
from vidstyle.media.video.probe import Kind
from vidstyle.options.style import Style
from vidstyle.pipeline.plan.naming import OutputNaming, UniqueNames, check_not_an_input

STYLES = (Style(Path("styles/starry.jpg")),)


@pytest.mark.parametrize(
    ("naming", "in_album", "name"),
    [
        (OutputNaming(), False, "in-starry"),
        (OutputNaming(), True, "in"),
        (OutputNaming(each_style=True), True, "in-starry"),
        (OutputNaming(name="{style}/{input}"), True, "starry/in"),
        (OutputNaming(name="x-{input}"), False, "x-in"),
    ],
)
def test_result_is_named_by_pattern(naming, in_album, name):
    assert naming.stem(Path("far/in.mp4"), STYLES, in_album=in_album) == name


def test_braces_in_name_of_input_are_not_filled_in():
    assert (
        OutputNaming(name="{input}-{style}").stem(Path("{style}.mp4"), STYLES, in_album=False)
        == "{style}-starry"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "painted"},
        {"name": "{style}"},
        {"name": "{input}", "each_style": True},
        {"name": "../{input}"},
        {"name": "/{input}"},
        {"photo_format": "mp4"},
        {"photo_format": ""},
    ],
)
def test_invalid_pattern_or_format_is_refused(fields):
    with pytest.raises(UsageError, match=r"--(name|format)"):
        OutputNaming(**fields)


def test_format_applies_to_photos_only():
    naming = OutputNaming(photo_format="WEBP")
    assert naming.ending(Path("a.jpg"), Kind.PHOTO) == ".webp"
    assert naming.ending(Path("a.mp4"), Kind.FILM) == ".mp4"


def test_names_that_differ_in_case_or_accents_only_are_numbered():
    names = UniqueNames()
    given = [str(names.claim(Path(name), ".jpg")) for name in ("a", "A", "\u00e9", "e\u0301", "a-2")]
    assert given == ["a.jpg", "A-2.jpg", "\u00e9.jpg", "e\u0301-2.jpg", "a-2-2.jpg"]


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_output_that_is_an_input_under_another_name_is_refused(tmp_path, link):
    source, other = tmp_path / "in.png", tmp_path / "other.png"
    source.touch()
    link(source, other)
    with pytest.raises(OutputError, match=r"other\.png' is the input .*in\.png' itself"):
        check_not_an_input([tmp_path / "gone", source], [tmp_path / "new.png", other])


def test_output_that_is_another_file_is_accepted(tmp_path):
    for name in ("in.png", "out.png"):
        (tmp_path / name).touch()
    check_not_an_input([tmp_path / "in.png"], [tmp_path / "out.png"])
