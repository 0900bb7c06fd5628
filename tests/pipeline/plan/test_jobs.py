import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.clips import COPIED

from vidstyle.errors import InputError, OutputError, ProbeError, UsageError
from vidstyle.media.video.probe import Kind
from vidstyle.options.media import PictureOptions
from vidstyle.pipeline.plan.albums import natural_order
from vidstyle.pipeline.plan.jobs import plan


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The current folder, in which styles and a photo lie."""
    monkeypatch.chdir(tmp_path)
    for name in ("starry.jpg", "kiss.png", "photo.jpg"):
        picture(Path(name))
    return tmp_path


def picture(path):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.full((8, 8, 3), 99, np.uint8)).save(path)
    return path


def film(short, path):
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(short, path)
    return path


def planned(inputs, output=None, styles=("starry.jpg",), **options):
    paths = [Path(name) for name in inputs]
    return plan(paths, [Path(name) for name in styles], output and Path(output), COPIED, **options)


def outputs(*inputs, output=None, styles=("starry.jpg",)):
    return [str(job.output) for job in planned(inputs, output, styles)]


def test_result_is_named_after_input_and_style_in_current_folder(short, folder):
    film(short, folder / "far" / "in.mp4")
    assert outputs("far/in.mp4") == ["in-starry.mp4"]


def test_result_names_every_style(short, folder):
    film(short, folder / "in.mp4")
    assert outputs("in.mp4", styles=("starry.jpg", "kiss.png")) == ["in-starry+kiss.mp4"]


def test_output_of_one_input_is_its_file():
    assert outputs("photo.jpg", output="made/anything.webp") == ["made/anything.webp"]


def test_output_of_several_inputs_is_their_folder():
    picture(Path("other.png"))
    jobs = planned(["photo.jpg", "other.png"], "made")
    assert [str(job.output) for job in jobs] == ["made/photo-starry.jpg", "made/other-starry.png"]
    assert all(job.makes_folder for job in jobs)


def test_missing_folder_of_single_output_is_not_made():
    assert not planned(["photo.jpg"], "made/out.jpg")[0].makes_folder
    assert not planned(["photo.jpg"])[0].makes_folder


def test_album_is_painted_into_folder_named_after_it():
    picture(Path("album/a.jpg"))
    picture(Path("album/b.png"))
    assert outputs("album") == ["album-starry/a.jpg", "album-starry/b.png"]
    assert all(job.makes_folder for job in planned(["album"]))


def test_album_is_painted_into_given_folder():
    picture(Path("album/a.jpg"))
    assert outputs("album", output="made") == ["made/a.jpg"]
    assert outputs("album", "photo.jpg", output="made") == [
        "made/album-starry/a.jpg",
        "made/photo-starry.jpg",
    ]


def test_current_folder_is_an_album_with_a_name(monkeypatch):
    monkeypatch.chdir(picture(Path("holidays/a.jpg")).parent)
    assert outputs(".", styles=("../starry.jpg",)) == ["holidays-starry/a.jpg"]


def test_equal_names_are_numbered_in_order_of_inputs(folder):
    inputs = [picture(folder / place / "in.jpg") for place in ("x", "y", "z")]
    assert outputs(*inputs) == ["in-starry.jpg", "in-starry-2.jpg", "in-starry-3.jpg"]
    assert [job.input for job in planned(inputs)] == inputs


def test_equal_names_with_different_endings_are_not_numbered(folder):
    assert outputs(picture(folder / "x" / "in.jpg"), picture(folder / "y" / "in.png")) == [
        "in-starry.jpg",
        "in-starry.png",
    ]


def test_equal_names_of_albums_are_numbered(folder):
    for place in ("x", "y"):
        (folder / place).mkdir()
        picture(folder / place / "2024.05.01" / "a.jpg")
    assert outputs("x/2024.05.01", "y/2024.05.01") == ["2024.05.01-starry/a.jpg", "2024.05.01-starry-2/a.jpg"]


def test_films_with_equal_output_names_are_numbered(short, folder):
    film(short, folder / "album" / "a.avi")
    film(short, folder / "album" / "a.mp4")
    assert outputs("album") == ["album-starry/a.mp4", "album-starry/a-2.mp4"]


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("in.mp4", ".mp4"),
        ("in.MOV", ".MOV"),
        ("in.mkv", ".mkv"),
        ("in.avi", ".mp4"),
        ("in.webm", ".webm"),
        ("in", ".mp4"),
    ],
)
def test_film_keeps_its_ending_where_it_can_be_written(short, name, ending):
    film(short, Path(name).absolute())
    assert outputs(name) == [f"in-starry{ending}"]


@pytest.mark.parametrize(
    ("name", "ending"), [("in.JPG", ".JPG"), ("in.webp", ".webp"), ("in.gif", ".gif"), ("in.ppm", ".png")]
)
def test_photo_keeps_its_ending_where_it_can_be_written(name, ending):
    picture(Path(name))
    assert outputs(name) == [f"in-starry{ending}"]


def test_content_distinguishes_film_from_photo(short):
    film(short, Path("a.jpg").absolute())
    assert [job.kind for job in planned(["a.jpg", "photo.jpg"])] == [Kind.FILM, Kind.PHOTO]
    assert outputs("a.jpg") == ["a-starry.mp4"]


def test_name_with_dots_is_kept():
    picture(Path("v1.2.final.jpg"))
    assert outputs("v1.2.final.jpg") == ["v1.2.final-starry.jpg"]


def test_album_is_in_natural_order():
    for name in ("photo10.jpg", "Photo2.jpg", "photo1.jpg", "another.jpg"):
        picture(Path("album") / name)
    assert [job.input.name for job in planned(["album"])] == [
        "another.jpg",
        "photo1.jpg",
        "Photo2.jpg",
        "photo10.jpg",
    ]


def test_natural_order_accepts_any_name():
    names = [Path(name) for name in ("10", "a", "2", "a10b2", "a10b10", "a2", "", "\u00b2")]
    assert [path.name for path in sorted(names, key=natural_order)] == [
        "",
        "2",
        "10",
        "a",
        "a2",
        "a10b2",
        "a10b10",
        "\u00b2",
    ]


def test_album_passes_over_hidden_files_other_files_and_styles(folder):
    for name in ("a.jpg", ".hidden.jpg"):
        picture(Path("album") / name)
    Path("album/notes.txt").write_text("no picture")
    Path("album/sub").mkdir()
    picture(Path("album/sub/deeper.jpg"))
    Path("album/broken.jpg").symlink_to("nowhere")
    Path("album/linked.jpg").symlink_to(folder / "starry.jpg")
    picture(Path("album/style.jpg"))
    assert outputs("album", styles=("starry.jpg", "album/style.jpg")) == ["album-starry+style/a.jpg"]


def test_damaged_photo_fails_in_its_turn():
    picture(Path("album/a.jpg"))
    Path("album/b.jpg").write_text("no picture")
    first, second = planned(["album"])
    assert first.fault is None
    assert isinstance(second.fault, ProbeError)


@pytest.mark.parametrize("bad", ["missing.mp4", "text.mp4", "empty", "x" * 300])
def test_bad_input_does_not_stop_the_others(bad):
    Path("text.mp4").write_text("no film")
    Path("empty").mkdir()
    first, second = planned([bad, "photo.jpg"])
    assert isinstance(first.fault, InputError)
    assert first.input == Path(bad)
    assert (second.fault, second.output) == (None, Path("photo-starry.jpg"))


@pytest.mark.parametrize("bad", ["missing.mp4", "text.mp4", "empty", "x" * 300])
def test_bad_input_alone_is_refused_at_once(bad):
    Path("text.mp4").write_text("no film")
    Path("empty").mkdir()
    with pytest.raises(InputError, match=bad):
        planned([bad])


def test_unreadable_folder_is_refused_by_name(monkeypatch):
    def refuse(_folder):
        raise PermissionError(13, "Permission denied")

    Path("album").mkdir()
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match=r"'album' cannot be read \(Permission denied\)"):
        planned(["album"])


@pytest.mark.parametrize("style", ["missing.jpg", "text.jpg"])
def test_style_that_is_not_an_image_is_refused_by_name(style):
    Path("text.jpg").write_text("no picture")
    with pytest.raises(ProbeError, match=style):
        planned(["photo.jpg"], styles=("starry.jpg", style))


def test_film_as_style_is_refused(short):
    with pytest.raises(ProbeError):
        planned(["photo.jpg"], styles=(short,))


def test_missing_inputs_and_styles_are_refused():
    with pytest.raises(UsageError, match="nothing to paint"):
        planned([])
    with pytest.raises(UsageError, match="no style"):
        planned(["photo.jpg"], styles=())


def same(name):
    other = Path("other.jpg")
    if name == "symlink":
        other.symlink_to("photo.jpg")
    elif name == "hard link":
        os.link("photo.jpg", other)
    elif name == "relative":
        other = Path("../") / Path.cwd().name / "photo.jpg"
    elif name == "absolute":
        other = Path("photo.jpg").absolute()
    elif name == "linked folder":
        Path("there").symlink_to(".")
        other = Path("there/photo.jpg")
    return other


@pytest.mark.parametrize("name", ["symlink", "hard link", "relative", "absolute", "linked folder"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_output_that_is_the_input_under_any_name_is_refused(name, overwrite):
    with pytest.raises(OutputError, match=r"is the input 'photo\.jpg' itself"):
        planned(["photo.jpg"], same(name), overwrite=overwrite)


def test_output_that_is_a_style_is_refused():
    with pytest.raises(OutputError, match=r"'starry\.jpg' itself"):
        planned(["photo.jpg"], "starry.jpg", overwrite=True)


def test_album_is_not_painted_over_itself():
    picture(Path("album/a.jpg"))
    with pytest.raises(OutputError, match="itself"):
        planned(["album"], "album", overwrite=True)


def test_output_that_is_another_input_is_refused():
    picture(Path("in.jpg"))
    picture(Path("in-starry.jpg"))
    with pytest.raises(OutputError, match="itself"):
        planned(["in.jpg", "in-starry.jpg"])


@pytest.fixture
def stills(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (40, 30)).save(folder / f"{number:04}.png")
    return folder


@pytest.mark.parametrize("name", ["%04d.png", "*.png", ""])
def test_sequence_is_one_film_named_after_its_folder(stills, style, name):
    options = replace(COPIED, pictures=PictureOptions(sequence=True))
    (job,) = plan([stills / name], [style], None, options)
    assert (job.kind, job.output) == (Kind.FILM, Path("frames-starry.mp4"))
    assert [still.name for still in job.stills] == ["0000.png", "0001.png", "0002.png"]


def test_folder_without_sequence_option_is_an_album(stills, style):
    assert len(plan([stills], [style], None, COPIED)) == 3


def test_gap_refuses_single_sequence_and_is_a_fault_among_several(stills, style, short):
    (stills / "0001.png").unlink()
    with pytest.raises(InputError, match="number 1 is missing"):
        plan([stills / "%04d.png"], [style], None, COPIED)
    broken, whole = plan([stills / "%04d.png", short], [style], None, COPIED)
    assert "number 1 is missing" in str(broken.fault)
    assert whole.fault is None


def test_output_that_is_a_file_of_the_sequence_is_refused(stills, style):
    with pytest.raises(OutputError, match="is the input"):
        plan([stills / "%04d.png"], [style], stills / "0001.png", COPIED)


@pytest.mark.parametrize("place", ["input", "output"])
def test_standard_streams_are_refused_by_name(short, style, place):
    given = ([Path("-")], None) if place == "input" else ([short], Path("-"))
    with pytest.raises(UsageError, match="'-'"):
        plan(given[0], [style], given[1], COPIED)


def test_text_is_accepted_for_paths_and_options_of_naming():
    picture(Path("album/a.png"))
    Path("album/sub").mkdir()
    picture(Path("album/sub/b.png"))
    jobs = plan(
        "album", ["starry.jpg", "kiss.png"], "made", recursive=True, photo_format="jpg", each_style=True
    )
    assert [str(job.output) for job in jobs] == [
        "made/a-starry.jpg",
        "made/sub/b-starry.jpg",
        "made/a-kiss.jpg",
        "made/sub/b-kiss.jpg",
    ]
    assert not any(job.overwrite for job in jobs)
