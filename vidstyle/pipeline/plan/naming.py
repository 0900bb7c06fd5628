"""Names of results, and numbers that make them unique."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from vidstyle.errors import OutputError, UsageError, quoted
from vidstyle.media.encode.containers import film_ending_of
from vidstyle.media.photo.formats import photo_ending_of, photo_endings
from vidstyle.media.video.probe import Kind
from vidstyle.options.style import Style
from vidstyle.pipeline.plan.inputs import file_identity


@dataclass(frozen=True)
class OutputNaming:
    """Options of a batch: which inputs are found, and how their results are named."""

    overwrite: bool = False
    """Whether existing outputs may be replaced."""
    recursive: bool = False
    """Whether an album's sub-folders belong to it; the results go to sub-folders of the same names."""
    photo_format: str | None = None
    """Ending of every photo's result, without its dot; None keeps the photo's own."""
    name: str | None = None
    """Pattern of names without their ending, with `{input}` and `{style}`; a `/` makes sub-folders."""
    each_style: bool = False
    """Whether each input is painted in each style, rather than once in a mixture."""

    def __post_init__(self) -> None:
        if self.photo_format is not None and f".{self.photo_format.lower()}" not in photo_endings():
            known = ", ".join(ending[1:] for ending in photo_endings())
            raise UsageError(f"invalid --format {self.photo_format!r}: give one of {known}.")
        if self.name is None:
            return
        if "{input}" not in self.name:
            raise UsageError(
                f"invalid --name {self.name!r}: without {{input}} all results would have the same name; "
                "write it as '{input}-{style}'."
            )
        if self.each_style and "{style}" not in self.name:
            raise UsageError(
                f"invalid --name {self.name!r}: without {{style}} the results of several styles would have "
                "the same name; write it as '{input}-{style}'."
            )
        path = PurePath(self.name)
        if path.is_absolute() or ".." in path.parts:
            raise UsageError(
                f"invalid --name {self.name!r}: it leads out of the output folder, which is given with -o."
            )

    def stem(self, source: Path, styles: Sequence[Style], *, in_album: bool) -> str:
        """Fill in the pattern of a result's name, without its ending."""
        default = "{input}" if in_album and not self.each_style else "{input}-{style}"
        # An input's own name may hold braces: these are not filled in.
        parts = (self.name or default).split("{input}")
        return source.stem.join(part.replace("{style}", style_name(styles)) for part in parts)

    def ending(self, source: Path, kind: Kind) -> str:
        """Choose the ending of a result: the source's own where it can be written."""
        if kind is Kind.PHOTO and self.photo_format:
            return f".{self.photo_format.lower()}"
        return film_ending_of(source) if kind is Kind.FILM else photo_ending_of(source)


def style_name(styles: Sequence[Style]) -> str:
    """Name a mixture of styles: `starry+kiss`."""
    return "+".join(style.picture.stem for style in styles)


class UniqueNames:
    """Names that are taken within a batch."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, path: Path, ending: str) -> Path:
        """Take a name; the second of its kind gets `-2`, and so on, in the order of the inputs.

        Names that differ only in case or in the encoding of an accent count as equal, as on some systems.
        """
        candidate, number = path.with_name(path.name + ending), 1
        while (key := unicodedata.normalize("NFC", str(candidate)).casefold()) in self._taken:
            number += 1
            candidate = path.with_name(f"{path.name}-{number}{ending}")
        self._taken.add(key)
        return candidate


def check_not_an_input(sources: Iterable[Path], outputs: Iterable[Path]) -> None:
    """Refuse an output that is an input, a style or a mask, under any name or link.

    Raises
    ------
    OutputError
        An output is one of them.

    """
    known = {identity: source for source in dict.fromkeys(sources) if (identity := file_identity(source))}
    for output in outputs:
        identity = file_identity(output)
        if identity and (source := known.get(identity)):
            raise OutputError(
                f"the output {quoted(output)} is the input {quoted(source)} itself; choose another name "
                "with -o."
            )
