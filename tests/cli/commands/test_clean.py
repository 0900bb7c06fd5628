import shutil

import pytest

from vidstyle.cli.app import main


@pytest.fixture
def vidstyle(tmp_path, clip, style, capsys, monkeypatch):
    """Run a command in a folder with a film and a style; gives its exit code and what it said."""
    shutil.copyfile(clip, tmp_path / "in.mp4")
    shutil.copyfile(style, tmp_path / "starry.png")
    monkeypatch.chdir(tmp_path)

    def run(*words):
        capsys.readouterr()
        code = main([*words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


PAINT = ("in.mp4", "--style", "starry.png", "--painter", "none", "--cuts", "off")


def frames(folder):
    return len(list(folder.glob(".vidstyle/*/frames/*.png")))


def test_kept_frames_are_encoded_again_without_being_painted(vidstyle, tmp_path):
    assert vidstyle(*PAINT, "--keep-frames")[0] == 0
    assert frames(tmp_path) == 25
    code, _, said = vidstyle(*PAINT, "--codec", "ffv1", "-o", "edit.mkv")
    assert code == 0
    assert "25 already painted" in said
    assert (tmp_path / "edit.mkv").exists()
    assert frames(tmp_path) == 25
    # The same request again is done, and does not sweep them away either.
    assert "nothing to do" in vidstyle(*PAINT)[1]
    assert frames(tmp_path) == 25


def test_of_several_passes_only_the_last_one_is_kept(vidstyle, tmp_path):
    assert vidstyle(*PAINT, "--passes", "2", "--keep-frames")[0] == 0
    assert frames(tmp_path) == 25
    assert not [*tmp_path.rglob("pass-1/frames/*"), *tmp_path.rglob("*.npz")]


def test_without_a_word_frames_are_removed_when_their_film_is_made(vidstyle, tmp_path):
    vidstyle(*PAINT)
    assert frames(tmp_path) == 0


def test_leftovers_are_listed_before_they_are_removed(vidstyle, tmp_path):
    vidstyle(*PAINT, "--keep-frames")
    code, said, _ = vidstyle("clean")
    assert code == 0
    assert said.startswith("in.mp4 -> in-starry.mp4: finished, 25 frames kept, ")
    assert "nothing removed; vidstyle clean --yes removes 1 work folder, " in said
    assert frames(tmp_path) == 25
    code, said, _ = vidstyle("clean", str(tmp_path), "--yes")
    assert code == 0
    assert said.splitlines()[-1].startswith("removed 1 work folder, ")
    assert frames(tmp_path) == 0
    assert (tmp_path / "in-starry.mp4").exists()
    # What is known of results stays known.
    assert "nothing to do" in vidstyle(*PAINT)[1]


def test_run_that_was_stopped_is_listed_with_how_far_it_came(vidstyle, tmp_path, monkeypatch):
    monkeypatch.setattr("vidstyle.pipeline.publish.write_film", lambda *_, **__: 1 / 0)
    assert vidstyle(*PAINT)[0] == 1
    assert vidstyle("clean", "--yes")[1].startswith(
        "in.mp4 -> in-starry.mp4: stopped after 25 of 25 frames, "
    )
    assert not [path for path in (tmp_path / ".vidstyle").iterdir() if path.is_dir()]


def test_nothing_is_removed_without_leftovers(vidstyle, tmp_path):
    assert vidstyle("clean", "--yes") == (0, f"{tmp_path}: nothing to remove\n", "")
    code, _, said = vidstyle("clean", "missing")
    assert (code, said) == (1, "vidstyle: 'missing' is not a folder; name the one with the results.\n")


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 25), ("", 25)])
def test_on_a_terminal_it_asks(vidstyle, tmp_path, monkeypatch, answer, left):
    vidstyle(*PAINT, "--keep-frames")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr(
        "builtins.input", lambda question: answer if question.startswith("Remove 1 work folder") else None
    )
    assert vidstyle("clean")[0] == 0
    assert frames(tmp_path) == left
