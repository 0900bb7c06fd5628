"""The page docs/reference.md against the options of the command line, from whose help it is generated."""

import re

import pytest

from docs import reference
from vidstyle.cli.app import app
from vidstyle.cli.help_panels import collect_panels
from vidstyle.cli.parameters import BatchOptions, RunOptions
from vidstyle.options.groups import Options
from vidstyle.options.text import option_types

PAGE = reference.page()
FIELDS = [name for group in (Options, BatchOptions, RunOptions) for name, _ in option_types(group)]


def test_page_is_up_to_date():
    assert reference.PAGE.read_text("utf-8") == PAGE, "run python docs/reference.py"


@pytest.mark.parametrize("field", [*FIELDS, "style", "style_at"])
def test_page_has_each_option_once(field):
    flag = "--" + field.replace("_", "-")
    painting = PAGE.partition("## Commands")[0]
    assert len(re.findall(rf"^- `{flag}[ `]", painting, re.MULTILINE)) == 1


def test_page_has_the_groups_of_the_help_in_their_order():
    titles = [str(panel.title) for panel in collect_panels(app) if panel.format == "parameter"]
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE) == [*titles, "Commands"]


def test_page_has_every_command():
    assert set(reference.COMMANDS) == {name for name in app if not name.startswith("-")}


def test_every_option_has_a_help_text():
    entries = [
        entry for panel in collect_panels(app) for entry in panel.entries if panel.format == "parameter"
    ]
    assert all(len(entry.description.primary_renderable.markup) > 10 for entry in entries)


def test_page_is_wrapped_where_that_is_possible():
    long = [line for line in PAGE.splitlines() if len(line) > reference.WIDTH]
    assert [line for line in long if not re.fullmatch(r" *(- )?(`[^`]*`\S*|\S+)", line)] == []


@pytest.mark.parametrize(
    "line",
    [
        "- `--size N|full`: Longer side",
        "- `--optimizer lbfgs|adam|scipy`: Optimisation method",
        "- `--output`, `-o PATH`: File of the result",
        "- `--quiet`: Report errors only.",
        "- `INPUT`: Films, photos",
    ],
)
def test_option_has_its_names_and_value_form(line):
    assert f"\n{line}" in PAGE
