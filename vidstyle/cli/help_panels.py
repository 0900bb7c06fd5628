"""Panels of the help, with the value forms of all options: for `--help` and for docs/reference.md."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Slow to import, and not needed without help.
    from cyclopts import App
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

VALUE_FORMS = {
    "--background": "COLOUR",
    "--bit-depth": "8|10|16",
    "--codec": "NAME",
    "--device": "auto|cpu|gpu:N",
    "--encoder-option": "KEY=VALUE",
    "--mask": "MASK",
    "--protect": "MASK",
    "--strength-at": "TIME=X",
    "--keyframe": "TIME=FILE",
    "--weights": "FILE|imagenet",
}
"""Forms of values whose types say too little."""
TYPE_FORMS = {"INT": "N", "FLOAT": "X", "STR": "TEXT"}
"""Forms of values by the parser's names of their types."""


def print_panel(console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
    """Print a panel of the help."""
    from cyclopts.help.formatters import DefaultFormatter  # noqa: PLC0415

    DefaultFormatter()(console, options, with_value_forms(panel))


def with_value_forms(panel: "HelpPanel") -> "HelpPanel":
    """Replace the parser's names of types by the forms of values."""
    return panel.copy(entries=[entry.copy(metavar=_value_form(entry)) for entry in panel.entries])


def collect_panels(app: "App", *command: str) -> list["HelpPanel"]:
    """Collect the panels of the help of a command, with value forms, without printing them."""
    from rich.console import Console  # noqa: PLC0415

    panels: list[HelpPanel] = []

    def collect(console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:  # noqa: ARG001
        panels.append(with_value_forms(panel))

    former, app.help_formatter = app.help_formatter, collect
    try:
        app.help_print([*command], console=Console(file=io.StringIO()))
    finally:
        app.help_formatter = former
    return panels


def _value_form(entry: "HelpEntry") -> str | None:
    if entry.metavar is None:
        return None
    special = [VALUE_FORMS[name] for name in entry.names if name in VALUE_FORMS]
    return special[0] if special else TYPE_FORMS.get(entry.metavar, entry.metavar)
