"""The command that made a result, for its metadata: names of files without their folders, which are nobody's business."""

import shlex
from dataclasses import replace
from pathlib import Path

from vidstyle._version import __version__
from vidstyle.media.provenance import read_note
from vidstyle.options.groups import MachineOptions
from vidstyle.options.style import Style
from vidstyle.options.text import to_text
from vidstyle.pipeline.plan.jobs import Job

_PATHS = {"mask", "protect", "init", "flow", "weights"}


def command_of(job: Job) -> str:
    """Command line that makes a job's result again, in the folder of its files, under a name of its own.

    What it was painted on is left out, as is what cannot be written in UTF-8.
    """
    weights, precision = job.options.machine.weights, job.options.machine.precision
    options = replace(job.options, machine=MachineOptions(weights=weights, precision=precision))
    if options.photo.strip_metadata:
        return ""
    words = ["vidstyle", _name(job.input)]
    for style in job.styles:
        bare = Style(
            Path(_name(style.picture)), style.weight, style.mask and Path(_name(style.mask)), style.at
        )
        words += ["--style-at" if style.at else "--style", str(bare)]
    for option, word in to_text(options).items():
        for value in word if isinstance(word, list) else [word]:
            if isinstance(value, bool):
                words.append(f"--{option}")
            else:
                words += [f"--{option}", _name(Path(value)) if option in _PATHS else value]
    # Under whatever name, the same request gives the same bytes.
    return f"vidstyle {__version__}: {shlex.join(words)}".encode("utf-8", "replace").decode()


def read_command(result: Path) -> str | None:
    """Signature of a result; None where it has none.

    Raises
    ------
    InputError
        It is neither picture nor film.

    """
    return read_note(result)


def _name(path: Path) -> str:
    return path.name or path.resolve().name
