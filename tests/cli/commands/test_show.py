import numpy as np

from vidstyle.cli.app import main
from vidstyle.media.photo.writer import write_photo

IMAGE = np.full((8, 8, 3), 0.5, np.float32)


def test_command_that_made_a_result_is_printed(tmp_path, capsys):
    write_photo(tmp_path / "a.png", IMAGE, note="vidstyle 1: vidstyle in.png")
    assert main(["show", str(tmp_path / "a.png")]) == 0
    assert capsys.readouterr().out == "vidstyle 1: vidstyle in.png\n"


def test_file_without_a_command_is_refused_by_name(tmp_path, capsys):
    write_photo(tmp_path / "a.png", IMAGE)
    assert main(["show", str(tmp_path / "a.png")]) == 1
    assert "a.png' does not contain the command that made it" in capsys.readouterr().err
