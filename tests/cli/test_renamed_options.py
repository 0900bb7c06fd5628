import pytest

from vidstyle import __version__
from vidstyle.cli.app import app, main
from vidstyle.cli.config_file import read_config
from vidstyle.cli.parameters import RunOptions
from vidstyle.cli.renamed_options import RENAMED, current_name, notice, replace_former_names
from vidstyle.options.text import option_types


@pytest.mark.parametrize("name", RENAMED)
def test_former_name_leads_to_an_option_in_use(name):
    options = {flag for argument in app.assemble_argument_collection() for flag in argument.names}
    assert f"--{RENAMED[name].option}" in options
    assert f"--{name}" not in options


@pytest.mark.parametrize("name", RENAMED)
def test_former_name_is_removed_in_time(name):
    version, limit = (
        tuple(map(int, text.split(".")[:2])) for text in (__version__, RENAMED[name].removed_in)
    )
    assert version < limit, f"remove --{name} from RENAMED"


@pytest.mark.parametrize(
    ("words", "replaced"),
    [
        (["--save-every", "5"], ["--snapshot-every", "5"]),
        (["--save-every=5"], ["--snapshot-every=5"]),
        (["save-every", "--size", "64"], ["save-every", "--size", "64"]),
    ],
)
def test_former_name_is_replaced_in_a_command_line(words, replaced):
    assert replace_former_names(["a.jpg", *words])[0] == ["a.jpg", *replaced]


def test_notice_has_both_names_and_the_version():
    assert replace_former_names(["--save-every", "5"])[1] == [notice("save-every")]
    assert (
        notice("save-every")
        == "--save-every is now --snapshot-every; the former name works before version 0.2."
    )
    assert replace_former_names(["--snapshot-every", "5"])[1] == []


def test_other_names_are_current():
    assert [current_name(name) for name in ("size", "save-every")] == ["size", "snapshot-every"]
    assert "snapshot_every" in dict(option_types(RunOptions))


@pytest.mark.parametrize(("quiet", "notices"), [([], 1), (["--quiet"], 0)])
def test_notice_goes_to_stderr_unless_quiet(capsys, quiet, notices):
    assert main(["--save-every", "5", *quiet]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines.count(f"vidstyle: {notice('save-every')}") == notices
    assert lines[-1].startswith("vidstyle: no input was given")


def test_former_name_after_the_double_dash_is_a_file(capsys):
    assert main(["--style", "gone.jpg", "--", "--save-every"]) == 1
    assert "is now" not in capsys.readouterr().err


def test_former_name_in_a_config_file_is_replaced_with_a_notice(tmp_path, capsys):
    (tmp_path / "run.toml").write_text("save_every = 5")
    assert read_config(tmp_path / "run.toml", ["snapshot-every"]) == {"snapshot-every": 5}
    assert notice("save-every") in capsys.readouterr().err
