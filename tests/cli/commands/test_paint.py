import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vidstyle.cli.app import main


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, style):
    """Make a folder with an album of two photos and a bad one, and two styles."""
    monkeypatch.chdir(tmp_path)
    for name in ("album/a.jpg", "album/b.png", "album/sub/c.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((24, 32, 3), 99, np.uint8)).save(name)
    Path("album/bad.jpg").write_bytes(b"not a photo")
    Path("album/a.xmp").touch()
    Path("styles").mkdir()
    for name in ("starry.png", "kiss.png"):
        shutil.copyfile(style, f"styles/{name}")
    return tmp_path


def run(*words):
    return main([*words, "--painter", "none", "--size", "32"])


def painted(folder="out"):
    return sorted(
        str(path) for path in Path(folder).rglob("*") if path.is_file() and ".vidstyle" not in path.parts
    )


def test_album_is_painted_without_bad_photos_and_then_only_missing_ones(capsys):
    words = ("album", "--recursive", "--style", "styles/kiss.png", "-o", "out", "--stats", "stats.json")
    assert run(*words) == 3
    assert painted() == ["out/a.jpg", "out/b.png", "out/sub/c.png"]
    stats = json.loads(Path("stats.json").read_text())
    assert [job["status"] for job in stats["jobs"]] == ["done", "done", "failed", "done"]
    assert stats["albums"] == [{"folder": "album", "passed_over": {"sidecar": 1}}]
    err = capsys.readouterr().err
    assert "ignored: 1 sidecar." in err
    assert "3 done, 1 failed" in err
    Path("out/b.png").unlink()
    assert run(*words, "--overwrite") == 3
    stats = json.loads(Path("stats.json").read_text())
    assert [job["status"] for job in stats["jobs"]] == ["skipped", "done", "failed", "skipped"]


def test_result_of_another_request_is_replaced_only_with_overwrite(capsys):
    words = ("album/a.jpg", "album/b.png", "-o", "out", "--name", "{input}")
    assert run(*words, "--style", "styles/kiss.png") == 0
    before = Path("out/a.jpg").stat().st_mtime_ns
    Image.fromarray(np.zeros((24, 32, 3), np.uint8)).save("styles/starry.png")
    assert run(*words, "--style", "styles/starry.png") == 1
    assert "'out/a.jpg' already exists" in capsys.readouterr().err
    assert Path("out/a.jpg").stat().st_mtime_ns == before
    assert run(*words, "--style", "styles/starry.png", "--overwrite") == 0


def test_each_input_is_painted_in_each_style_of_a_folder():
    assert (
        run("album/a.jpg", "album/b.png", "--styles", "styles", "-o", "out", "--name", "{style}/{input}") == 0
    )
    assert painted() == ["out/kiss/a.jpg", "out/kiss/b.png", "out/starry/a.jpg", "out/starry/b.png"]
    assert run("album/a.jpg", "--styles", "styles", "-o", "one") == 0
    assert painted("one") == ["one/a-kiss.jpg", "one/a-starry.jpg"]


def test_photos_are_written_in_the_requested_format_under_unique_names():
    Image.new("RGB", (32, 24)).save("album/a.png")
    assert run("album", "--style", "styles/kiss.png", "-o", "out", "--format", "webp") == 3
    assert painted() == ["out/a-2.webp", "out/a.webp", "out/b.webp"]


def test_missing_input_of_a_list_fails_alone(capsys):
    Path("list.txt").write_text("album/a.jpg\nalbum/gone.jpg\nalbum/a.jpg\n")
    assert run("--list", "list.txt", "--style", "styles/kiss.png", "-o", "out") == 3
    assert painted() == ["out/a-kiss.jpg"]
    err = capsys.readouterr().err
    assert "'album/gone.jpg' cannot be opened" in err
    assert "'album/a.jpg' given more than once, and painted once." in err


def test_job_of_a_file_has_its_own_options():
    Path("jobs.toml").write_text("""
        [[job]]
        input = "album/a.jpg"
        output = "new/mine.png"
        size = 16
        [[job]]
        input = "album/b.png"
        style = "styles/starry.png"
        """)
    assert run("--jobs", "jobs.toml", "--style", "styles/kiss.png", "-o", "out") == 0
    assert painted() == ["out/b-starry.png"]
    with Image.open("new/mine.png") as image:
        assert image.size == (16, 12)


def test_no_job_is_started_after_an_error_with_stop_on_error(capsys):
    words = ("album/bad.jpg", "album/a.jpg", "album/b.png", "--style", "styles/kiss.png", "-o", "out")
    assert run(*words, "--stop-on-error") == 3
    assert painted() == []
    assert "2 of 3 not started; run the same command to resume." in capsys.readouterr().err


def test_json_lines_have_the_progress_of_a_batch(capsys):
    assert run("album/a.jpg", "album/b.png", "--style", "styles/kiss.png", "-o", "out", "--log-json") == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    progress = [record for record in records if record["event"] == "BatchProgress"]
    assert progress[-1]["done"] == 1
    assert (progress[-1]["ended"], progress[-1]["failed"]) == (2, 0)
    assert records[-1] == {"event": "BatchDone", "done": 2, "left": 0}


def test_style_and_styles_cannot_be_combined(capsys):
    assert run("album/a.jpg", "--style", "styles/kiss.png", "--styles", "styles") == 2
    assert "--style and --styles cannot be combined" in capsys.readouterr().err


def test_transparent_photo_is_composited_on_the_background():
    Image.new("RGBA", (32, 24)).save("clear.png")
    words = ("clear.png", "--style", "styles/kiss.png", "-o", "clear.bmp", "--background", "#204060")
    assert run(*words) == 0
    with Image.open("clear.bmp") as image:
        assert image.getpixel((9, 9)) == (0x20, 0x40, 0x60)


def test_format_and_extension_of_the_output_must_agree(capsys):
    assert run("album/a.jpg", "--style", "styles/kiss.png", "-o", "x.png", "--format", "jpg") == 2
    assert "contradict each other" in capsys.readouterr().err
