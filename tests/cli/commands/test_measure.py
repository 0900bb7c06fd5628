import io
import json

import pytest
from support.textures import FRAMES, HEIGHT, PAN, WIDTH, asked, words_of

import vidstyle
from vidstyle.cli.app import main
from vidstyle.cli.commands import measure as command
from vidstyle.cli.streams import Stream


@pytest.fixture(scope="module")
def measure():
    from vidstyle.pipeline.measure.measure import measure_film

    return measure_film


def test_json_has_every_metric(pan, film, capsys):
    assert main([*words_of(pan, film("again", PAN)), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["version"] == vidstyle.__version__
    assert said["source"] == str(pan)
    assert (said["width"], said["height"], said["start"], said["frames"]) == (WIDTH, HEIGHT, 0, FRAMES)
    assert set(said["figures"]) == {
        "warping_error",
        "warping_error_source",
        "warping_error_10",
        "warping_error_10_source",
        "change",
        "change_source",
    }
    assert set(said["figures"]["change"]) == {"drift_levels", "sharpness"}
    assert said["style_loss"] is said["style_loss_source"] is None
    assert said["shots"] == [{"start": 0, "stop": FRAMES, "figures": said["figures"]}]


def test_metrics_are_one_per_line_without_a_terminal(still, capsys):
    assert main(words_of(still, still)) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    assert title.endswith(f"{WIDTH}x{HEIGHT}, {FRAMES} frames, 1 shot")
    assert lines == [
        "warping error: 0 (source 0)",
        "warping error, 10 apart: 0 (source 0)",
        "drift of R, G, B (levels of 255): +0.00, +0.00, +0.00 (source +0.00, +0.00, +0.00)",
        "sharpness, last / first: 1.00 (source 1.00)",
    ]


def test_metrics_are_a_table_on_a_terminal(measure, still):
    written = io.StringIO()
    command._print_table(measure(still, still, options=asked()), Stream(written))
    row = next(line for line in written.getvalue().splitlines() if "10 apart" in line)
    assert row.count("│") == 4


def test_wrong_command_line_is_refused(still, capsys):
    assert main([*words_of(still, still), "--start", "3f", "--end", "2f"]) == 2
    assert main(["measure", str(still)]) == 2
    assert main(["measure", str(still), "missing.mp4"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.startswith("vidstyle: ") for line in err.splitlines()] == [True] * 3
    assert "RESULT" in err


def test_file_named_like_the_command_is_written_with_its_folder(capsys):
    assert main(["./measure", "--style", "missing.png"]) == 1
    assert "'missing.png' cannot be opened" in capsys.readouterr().err


def test_interrupted_measurement_cannot_be_resumed(monkeypatch, still, capsys):
    from vidstyle.pipeline.measure import measure as module

    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "measure_film", interrupted)
    assert main(words_of(still, still)) == 130
    assert "same command" not in capsys.readouterr().err
