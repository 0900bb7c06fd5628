"""Generator of docs/reference.md from the help of the command line: `python docs/reference.py` writes it."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from cyclopts import App
from cyclopts.help import HelpEntry

from vidstyle.cli.app import app
from vidstyle.cli.help_panels import collect_panels

PAGE = Path(__file__).with_name("reference.md")
WIDTH = 110
"""Columns of the page."""
COMMANDS = {
    "measure": "The metrics are described in [recipes.md](recipes.md#measuring).",
    "keyframes": "It also takes the options of the groups above that decide a result.",
    "try": "It also takes the options of the groups above that decide a result.",
    "clean": "",
    "show": "",
    "presets": "",
}
"""Commands, with a remark on each."""

HEAD = """\
# Reference

All options and commands of the command line, generated from the help by `python docs/reference.py`.
[recipes.md](recipes.md) has everyday tasks, [controls.md](controls.md) shows the effect of each control on a
photo, and [formats.md](formats.md) lists what each container keeps. In Python, the options that decide a
result are keywords, see [python.md](python.md).

```sh
vidstyle INPUT... --style IMAGE [--style IMAGE ...] [-o OUTPUT] [OPTIONS]
```

**Files.** INPUT is a film, a photo, or a folder of them. With one input, OUTPUT is its file or, for a folder,
the folder of its results; with several inputs it is a folder. By default results are named after input and
style, in the current folder. Films are written as .mp4, .mov, .mkv, .webm, or animated .gif, .webp or .apng;
where OUTPUT has no extension, as a folder of PNG files. Photos are written as .jpg, .png, .webp, .tif, .avif,
.heic, .bmp or .gif.

**Commands.** The first word may be a [command](#commands); a film of such a name is given as `./measure`.
`vidstyle --help` and `vidstyle COMMAND --help` print the options, `vidstyle --version` prints the version.

**Precedence.** The command line, then `--config`, then `--quality`, then `--preset`.

**Exit codes.** 0 all done; 2 the command line is wrong; 1 any other failure; 3 a part of several inputs
failed; 130 stopped on request.

**Environment.** `VIDSTYLE_FFMPEG` names another ffmpeg than that of imageio-ffmpeg. `KERAS_BACKEND=jax`
paints on JAX (`pip install '.[jax]'`). `XDG_CACHE_HOME`, by default `~/.cache`, holds the decoded weights, 80
MB, in `vidstyle/`.

In the forms of values, N is a whole number, X a number, TIME a time such as `1.5`, `00:01:02.5` or `120f`
(frame 120, counted from 0), and `|` separates alternatives.
"""


def page() -> str:
    """Write the page as text."""
    panels = [panel for panel in collect_panels(app) if panel.format == "parameter"]
    shared = {name for panel in panels for entry in panel.entries for name in entry.names}
    lines = [*_wrap_paragraphs(HEAD)]
    for panel in panels:
        lines += ["", f"## {panel.title}", "", *_list(panel.entries)]
    lines += ["", "## Commands"]
    for name, remark in COMMANDS.items():
        lines += ["", f"### vidstyle {name}", "", *_describe_command(app[name], name, shared)]
        lines += ["", remark] if remark else []
    return "\n".join(lines) + "\n"


def _describe_command(command: App, name: str, shared: set[str]) -> Iterator[str]:
    """Describe a command; of those that paint, without the options that it shares with painting."""
    text = _with_code(str(command.help).partition("Parameters\n")[0])
    yield from _wrap_paragraphs(f"`{str(command.usage).removeprefix('Usage: ')}`\n\n{text}")
    entries = [entry for panel in collect_panels(app, name) for entry in panel.entries]
    if name in {"try", "keyframes"}:
        shared = shared - {"--style", "--output"}
        entries = [entry for entry in entries if not entry.names or not shared.issuperset(entry.names)]
    if entries:
        yield ""
        yield from _list(entries)


def _list(entries: Sequence[HelpEntry]) -> Iterator[str]:
    """Write a list item for each option: its names and value form, its help, its default."""
    for entry in entries:
        *names, last = (entry.positional_label,) if entry.positional_label else entry.all_options
        form = "|".join(entry.choices) if entry.choices else entry.metavar
        label = ", ".join(
            f"`{name}`" for name in [*names, f"{last} {form}" if form and last[0] == "-" else last]
        )
        text = _with_code(" ".join(entry.description.primary_renderable.markup.split()))
        default = f" Default: `{entry.default}`." if entry.default else ""
        yield from _fill(f"- {label}: {text}{default}", indent="  ")


def _with_code(text: str) -> str:
    """Mark options as code where they are not, and link papers."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"(?<![\w-])--[a-z][a-z0-9-]*", r"`\g<0>`", part) for part in parts[::2]]
    return re.sub(r"arXiv:(\d{4}\.\d{5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", "".join(parts))


def _wrap_paragraphs(text: str) -> Iterator[str]:
    """Wrap paragraphs, except titles and blocks of code."""
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield ""
        is_plain = not paragraph.startswith(("#", "```"))
        yield from _fill(" ".join(paragraph.split())) if is_plain else paragraph.splitlines()


def _fill(text: str, indent: str = "") -> list[str]:
    """Wrap a paragraph, without breaking code spans."""
    whole = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", "\0"), text)
    filled = textwrap.fill(
        whole, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return filled.replace("\0", " ").split("\n")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
