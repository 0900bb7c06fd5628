"""How results are named, and how equal names are told apart."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from vidstyle.errors import OutputError, UsageError, quoted
from vidstyle.media.encode.containers import film_ending_of
from vidstyle.media.photo.formats import photo_ending_of, photo_endings
from vidstyle.media.video.probe import Kind
from vidstyle.options.style import Style


@dataclass(frozen=True)
class OutputNaming:
    """What becomes of several inputs: which are found, and how their results are named."""

    overwrite: bool = False
    """Whether outputs may be replaced."""
    recursive: bool = False
    """Whether an album's sub-folders belong to it; the results lie in sub-folders of the same names."""
    photo_format: str | None = None
    """Ending of every photo's result, without its point; None keeps the photo's own."""
    name: str | None = None
    """Name of a result without its ending, of `{input}` and `{style}`; a `/` makes sub-folders."""
    each_style: bool = False
    """Whether each input is painted in each style, not once in a mixture."""

    def __post_init__(self) -> None:
        if self.photo_format is not None and f".{self.photo_format.lower()}" not in photo_endings():
            known = ", ".join(ending[1:] for ending in photo_endings())
            raise UsageError(
                f"--format {self.photo_format!r} is none that photos are written in; give {known}."
            )
        if self.name is None:
            return
        if "{input}" not in self.name:
            raise UsageError(
                f"--name {self.name!r} has no {{input}}, so that all results would have one name; write it as "
                "'{input}-{style}'."
            )
        if self.each_style and "{style}" not in self.name:
            raise UsageError(
                f"--name {self.name!r} has no {{style}}, by which the results of several styles are told apart; write it "
                "as '{input}-{style}'."
            )
        path = PurePath(self.name)
        if path.is_absolute() or ".." in path.parts:
            raise UsageError(f"--name {self.name!r} leads out of the output folder; give that with -o.")

    def named(self, source: Path, styles: Sequence[Style], *, in_album: bool) -> str:
        """Name of a result, without its ending."""
        default = "{input}" if in_album and not self.each_style else "{input}-{style}"
        # A name may itself hold braces: each is put in once.
        parts = (self.name or default).split("{input}")
        return source.stem.join(part.replace("{style}", style_name(styles)) for part in parts)

    def ending(self, source: Path, kind: Kind) -> str:
        """Find the ending of a result: the source's own where it can be written."""
        if kind is Kind.PHOTO and self.photo_format:
            return f".{self.photo_format.lower()}"
        return film_ending_of(source) if kind is Kind.FILM else photo_ending_of(source)


def style_name(styles: Sequence[Style]) -> str:
    """Name of a mixture of styles: `starry+kiss`."""
    return "+".join(style.picture.stem for style in styles)


class UniqueNames:
    """Names that are given away."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, path: Path, ending: str) -> Path:
        """Tell equal names apart: the second becomes `-2`, and so on, in the order of the inputs.

        Names that differ in case, or in how an accent is put together, are equal on some systems, and here.
        """
        candidate, number = path.with_name(path.name + ending), 1
        while (key := unicodedata.normalize("NFC", str(candidate)).casefold()) in self._taken:
            number += 1
            candidate = path.with_name(f"{path.name}-{number}{ending}")
        self._taken.add(key)
        return candidate


def check_not_an_input(sources: Iterable[Path], outputs: Iterable[Path]) -> None:
    """Refuse an output that is an input, a style or a mask, by whatever name or link.

    Raises
    ------
    OutputError
        There is one.

    """
    known: dict[tuple[int, int], Path] = {}
    for source in dict.fromkeys(sources):
        try:
            status = source.stat()
        except OSError:
            continue
        known[status.st_dev, status.st_ino] = source
    for output in outputs:
        try:
            status = output.stat()
        except OSError:
            continue
        if same := known.get((status.st_dev, status.st_ino)):
            raise OutputError(
                f"The output {quoted(output)} is the input {quoted(same)} itself; choose another name with -o."
            )
