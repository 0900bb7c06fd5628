"""From inputs on disk to ordered jobs, each with an output of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from vidstyle.errors import InputError, OutputError, ProbeError, UsageError, VidstyleError, quoted, reason
from vidstyle.media.containers import CONTAINERS
from vidstyle.media.photo_writer import photo_endings
from vidstyle.media.pictures import photo_size
from vidstyle.media.probe import Kind, kind_of
from vidstyle.media.sequences import names_sequence, stills_of
from vidstyle.options import Options

FILM_ENDINGS = tuple(filter(None, CONTAINERS))


@dataclass(frozen=True)
class Job:
    """One input to be painted."""

    input: Path
    kind: Kind
    styles: tuple[Path, ...]
    output: Path
    options: Options
    overwrite: bool = False
    makes_folder: bool = False
    """Whether the output's folder is made where it is missing: an album's is, and that of several inputs."""
    stills: tuple[Path, ...] = ()
    """Files of a film that is a sequence of them, in order; `input` is then their pattern or folder."""
    fault: VidstyleError | None = None
    """Why it cannot even begin; it fails when its turn comes, and the others go on."""


def plan(
    inputs: Sequence[Path],
    styles: Sequence[Path],
    output: Path | None,
    options: Options,
    *,
    overwrite: bool = False,
) -> list[Job]:
    """Make jobs of inputs.

    Parameters
    ----------
    inputs
        Films, photos, and folders of them (albums).
    styles
        Style pictures.
    output
        The result's file; for an album, or for several inputs, their folder. By default named after input and styles,
        in the current folder.
    options
        Options of every job.
    overwrite
        Whether outputs may be replaced.

    Raises
    ------
    UsageError
        Nothing was given to paint, or no style.
    InputError
        The only input, or a style, cannot be read.
    OutputError
        An output would be one of the inputs.

    """
    _check_given(inputs, styles, output)
    taken: set[Path] = set()
    jobs = []
    for source, target, complete, fault in _targets(inputs, styles, output, taken, options):
        kind = Kind.PHOTO
        stills: tuple[Path, ...] = ()
        try:
            if fault:
                raise fault
            if _is_sequence(source, options):
                kind, stills = Kind.FILM, stills_of(source)
            else:
                kind = kind_of(source)
        except VidstyleError as exc:
            if list(inputs) == [source]:
                raise
            fault = exc  # noqa: PLW2901 - it is this target's.
        path = target if complete else _distinct(target, ".mp4" if stills else _ending(source, kind), taken)
        # The folder of an album's or of several inputs' results is vidstyle's own to make.
        makes_folder = not complete and path.parent != Path()
        jobs.append(Job(source, kind, tuple(styles), path, options, overwrite, makes_folder, stills, fault))
    _check_apart(jobs)
    return jobs


def _check_given(inputs: Sequence[Path], styles: Sequence[Path], output: Path | None) -> None:
    if not inputs:
        raise UsageError("Nothing to paint was given; name a film, a photo or a folder.")
    if not styles:
        raise UsageError("No style was given; name a picture.")
    for path in (*inputs, *([output] if output else [])):
        if str(path) == "-":
            raise UsageError("A stream ('-') can be neither painted nor written; give the name of a file.")
    for style in styles:
        photo_size(style)  # Says by name what is no picture.


class _Target(NamedTuple):
    source: Path
    path: Path
    complete: bool
    """Whether `path` is the whole name, or lacks its ending."""
    fault: VidstyleError | None = None


def _targets(
    inputs: Sequence[Path], styles: Sequence[Path], output: Path | None, taken: set[Path], options: Options
) -> Iterator[_Target]:
    """Each file to paint, and where its result goes."""
    suffix = "-" + "+".join(style.stem for style in styles)
    for entry in inputs:
        if _is_sequence(entry, options):
            folder = entry if _is_folder(entry) else entry.parent
            name = folder.resolve().name + suffix
            given = output if output and len(inputs) == 1 else None
            yield _Target(entry, given or (output or Path()) / name, complete=given is not None)
        elif _is_folder(entry):
            own = _distinct((output or Path()) / (entry.resolve().name + suffix), "", taken)
            folder = output if output and len(inputs) == 1 else own
            try:
                files = _album(entry, styles)
            except InputError as exc:
                yield _Target(entry, folder, complete=True, fault=exc)
                continue
            yield from (_Target(file, folder / file.stem, complete=False) for file in files)
        elif output and len(inputs) == 1:
            yield _Target(entry, output, complete=True)
        else:
            yield _Target(entry, (output or Path()) / (entry.stem + suffix), complete=False)


def _is_sequence(path: Path, options: Options) -> bool:
    return (options.pictures.sequence and _is_folder(path)) or names_sequence(path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # Such as a name that is too long: whoever opens it says so.
        return False


def natural_order(path: Path) -> list[tuple[int, int | str]]:
    """Sort key by which photo2 comes before photo10."""
    return [
        (0, int(part)) if part.isdecimal() else (1, part.casefold()) for part in re.split(r"(\d+)", path.name)
    ]


def _album(folder: Path, styles: Sequence[Path]) -> list[Path]:
    """Pictures and films of a folder, in natural order; what is hidden, no picture, or a style is passed over."""
    try:
        files = sorted(folder.iterdir(), key=natural_order)
    except OSError as exc:
        raise InputError(
            f"The folder {quoted(folder)} cannot be read ({reason(exc)}); check its permissions."
        ) from exc
    kept = []
    for file in files:
        if file.name.startswith(".") or not file.is_file() or any(file.samefile(style) for style in styles):
            continue
        try:
            kind_of(file)
        except ProbeError:
            if file.suffix.lower() in (*FILM_ENDINGS, *photo_endings()):
                kept.append(file)  # It should be one, and its job says why it is none.
            continue
        kept.append(file)
    if not kept:
        raise InputError(f"The folder {quoted(folder)} holds no picture and no film; name another.")
    return kept


def _ending(file: Path, kind: Kind) -> str:
    """Find the ending of the result: the source's own where it can be written."""
    if kind is Kind.FILM and file.suffix.lower() == ".png":
        return ".apng"
    if file.suffix.lower() in (FILM_ENDINGS if kind is Kind.FILM else photo_endings()):
        return file.suffix
    return ".mp4" if kind is Kind.FILM else ".png"


def _distinct(path: Path, ending: str, taken: set[Path]) -> Path:
    """Tell equal names apart: the second becomes `-2`, and so on, in the order of the inputs."""
    candidate, number = path.with_name(path.name + ending), 1
    while candidate in taken:
        number += 1
        candidate = path.with_name(f"{path.name}-{number}{ending}")
    taken.add(candidate)
    return candidate


def _check_apart(jobs: Sequence[Job]) -> None:
    """Refuse an output that is an input or a style, by whatever name or link."""
    sources = {}
    for source in [path for job in jobs for path in (job.input, *job.stills, *job.styles)]:
        try:
            status = source.stat()
        except OSError:
            continue
        sources[status.st_dev, status.st_ino] = source
    for job in jobs:
        try:
            status = job.output.stat()
        except OSError:
            continue
        if same := sources.get((status.st_dev, status.st_ino)):
            raise OutputError(
                f"The output {quoted(job.output)} is the input {quoted(same)} itself; choose another name with -o."
            )
