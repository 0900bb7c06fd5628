from fractions import Fraction
from pathlib import Path

import pytest

from vidstyle.errors import UsageError
from vidstyle.options.style import Crop, Style, StyleOptions, as_styles, check_weights, files_of
from vidstyle.options.values import Time


@pytest.fixture
def named(tmp_path, monkeypatch):
    """Make files in the current folder."""
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            (tmp_path / name).touch()

    return make


@pytest.mark.parametrize(
    ("text", "picture", "mask", "weight"),
    [
        ("a.jpg", "a.jpg", None, 1),
        ("a.jpg:2", "a.jpg", None, 2),
        ("a.jpg:.5", "a.jpg", None, 0.5),
        ("a.jpg:1e-3", "a.jpg", None, 0.001),
        ("a.jpg@sky.png", "a.jpg", "sky.png", 1),
        ("a.jpg@sky.png:3", "a.jpg", "sky.png", 3),
        ("a.jpg@gone.png", "a.jpg", "gone.png", 1),
        ("12:30", "12:30", None, 1),
        ("12:30:2", "12:30", None, 2),
        ("me@home.jpg", "me@home.jpg", None, 1),
        ("me@home.jpg@sky.png", "me@home.jpg", "sky.png", 1),
        ("me@home.jpg@a@b.png:4", "me@home.jpg", "a@b.png", 4),
        ("gone.jpg:2", "gone.jpg", None, 2),
        ("b:c.jpg", "b:c.jpg", None, 1),
    ],
)
def test_style_is_read_by_the_files_that_exist(named, text, picture, mask, weight):
    named("a.jpg", "sky.png", "12:30", "me@home.jpg", "a@b.png")
    style = Style.parse(text)
    assert (str(style.picture), style.mask and str(style.mask), style.weight) == (picture, mask, weight)


def test_style_is_written_as_it_is_read(named):
    named("a.jpg", "sky.png")
    for text in ("a.jpg", "a.jpg:2", "a.jpg@sky.png:0.5"):
        assert str(Style.parse(text)) == text


@pytest.mark.parametrize("text", ["", "a.jpg:-1", "a.jpg:nan", "a.jpg:inf"])
def test_invalid_style_is_refused(text):
    with pytest.raises(UsageError, match="--style"):
        Style.parse(text)


def test_name_that_no_file_system_accepts_is_a_name():
    assert len(str(Style.parse("x" * 5000).picture)) == 5000


def test_weights_that_are_all_zero_for_a_mask_are_refused(named):
    named("a.jpg", "b.jpg", "m.png")
    check_weights([Style.parse("a.jpg:0"), Style.parse("b.jpg")])
    with pytest.raises(UsageError, match="are all 0"):
        check_weights([Style.parse("a.jpg:0"), Style.parse("b.jpg@m.png")])


def test_style_may_have_a_time(named):
    named("a.jpg", "m.png")
    style = Style.parse_at("1:02=a.jpg@m.png:2")
    assert (style.at, style.mask, style.weight) == (Time(seconds=Fraction(62)), Path("m.png"), 2)
    assert str(style) == "62=a.jpg@m.png:2"


def test_styles_with_and_without_a_time_cannot_be_combined():
    with pytest.raises(UsageError, match="cannot be combined"):
        check_weights([Style(Path("a.jpg")), Style.parse_at("2=b.jpg")])


def test_strengths_are_read_with_their_times():
    assert StyleOptions(strength_at=("2f=0.5", "3=1")).strengths == (
        (Time(frame=2), 0.5),
        (Time(seconds=Fraction(3)), 1),
    )


def test_file_names_are_styles_of_weight_one(tmp_path):
    styles = as_styles([tmp_path / "a.jpg", Style(tmp_path / "b.jpg", 2, tmp_path / "m.png")])
    assert styles[0] == Style(tmp_path / "a.jpg")
    assert files_of(styles) == tuple(tmp_path / name for name in ("a.jpg", "b.jpg", "m.png"))


def test_crop_reads_and_writes_alike():
    assert Crop.parse("10,0,300,200") == Crop(10, 0, 300, 200)
    assert str(Crop(1, 2, 3, 4)) == "1,2,3,4"


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "-1,0,5,5", "0,0,0,5", "1.5,0,2,2"])
def test_invalid_crop_is_refused(text):
    with pytest.raises(UsageError, match="--style-crop"):
        Crop.parse(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"style_scale": 0},
        {"style_scale": float("nan")},
        {"style_size": 3},
        {"strength": 1.5},
        {"strength": -0.1},
        {"strength": float("nan")},
        {"strength_at": ("0.5",)},
        {"strength_at": ("2=much",)},
        {"strength_at": ("2=1.5",)},
    ],
)
def test_value_out_of_range_is_refused_by_its_option(fields):
    with pytest.raises(UsageError, match="--" + next(iter(fields)).replace("_", "-")):
        StyleOptions(**fields)
