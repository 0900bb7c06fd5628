import numpy as np

from vidstyle.cli.app import main
from vidstyle.media.photo.writer import write_photo

IMAGE = np.full((8, 8, 3), 0.5, np.float32)


def test_the_command_that_made_a_result_is_printed(tmp_path, capsys):
    write_photo(tmp_path / "a.png", IMAGE, note="vidstyle 1: vidstyle in.png")
    assert main(["show", str(tmp_path / "a.png")]) == 0
    assert capsys.readouterr().out == "vidstyle 1: vidstyle in.png\n"


def test_what_does_not_say_is_named(tmp_path, capsys):
    write_photo(tmp_path / "a.png", IMAGE)
    assert main(["show", str(tmp_path / "a.png")]) == 1
    assert "a.png' does not say how it was made" in capsys.readouterr().err
