from vidstyle.cli.app import app
from vidstyle.cli.help_panels import TYPE_FORMS, VALUE_FORMS, collect_panels


def forms():
    entries = [entry for panel in collect_panels(app) for entry in panel.entries]
    return {name: entry.metavar for entry in entries for name in entry.names}


def test_value_forms_replace_names_of_types():
    found = forms()
    assert (found["--iterations"], found["--style-weight"], found["--mask"]) == ("N", "X", "MASK")
    assert not set(TYPE_FORMS) & set(found.values())


def test_every_value_form_belongs_to_an_option():
    found = forms()
    assert {name: found[name] for name in VALUE_FORMS} == VALUE_FORMS


def test_flag_has_no_value_form():
    assert forms()["--quiet"] is None


def test_panels_of_a_command_are_its_own():
    names = {
        name for panel in collect_panels(app, "clean") for entry in panel.entries for name in entry.names
    }
    assert names == {"--yes", "--debug"}


def test_collecting_panels_leaves_the_help_as_it_was(capsys):
    collect_panels(app, "try")
    app.help_print(["show"])
    assert "╭─ Arguments ─" in capsys.readouterr().out
