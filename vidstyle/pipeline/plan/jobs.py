"""From inputs on disk to ordered jobs, each with an output of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from vidstyle.errors import InputError, UsageError, VidstyleError, quoted
from vidstyle.events import AlbumRead, Notice, Observer, ignore
from vidstyle.media.photo.open import photo_size
from vidstyle.media.video.image_sequence import is_sequence_pattern, list_sequence
from vidstyle.media.video.probe import Kind, kind_of
from vidstyle.options.groups import Options
from vidstyle.options.style import Style, as_styles, check_weights, files_of
from vidstyle.pipeline.plan.albums import Found, scan_folder
from vidstyle.pipeline.plan.naming import OutputNaming, UniqueNames, check_not_an_input, style_name


@dataclass(frozen=True)
class Job:
    """One input to be painted."""

    input: Path
    kind: Kind
    styles: tuple[Style, ...]
    output: Path
    options: Options
    overwrite: bool = False
    makes_folder: bool = False
    """Whether the output's folder is made where it is missing: an album's is, and those of several inputs."""
    stills: tuple[Path, ...] = ()
    """Files of a film that is a sequence of them, in order; `input` is then their pattern or folder."""
    fault: VidstyleError | None = None
    """Why it cannot even begin; it fails when its turn comes, and the others go on."""


@dataclass(frozen=True)
class Request:
    """Inputs that are painted alike."""

    inputs: Sequence[Path]
    styles: Sequence[Style | Path]
    output: Path | None = None
    """The result's file; for an album, or for several inputs, their folder. By default named after input and styles, in
    the current folder."""
    options: Options = field(default_factory=Options)
    whole: bool = False
    """Whether `output` is the result of a single input, though there are other requests."""


def plan(
    inputs: Path | str | Sequence[Path | str],
    styles: Path | str | Style | Sequence[Path | str | Style],
    output: Path | str | None = None,
    options: Options | None = None,
    *,
    overwrite: bool = False,
    recursive: bool = False,
    photo_format: str | None = None,
    name: str | None = None,
    each_style: bool = False,
    observer: Observer = ignore,
) -> list[Job]:
    """Make jobs of inputs, for `stylize_many`.

    Parameters
    ----------
    inputs
        Films, photos, and folders of them (albums).
    styles
        Styles; plain pictures count alike.
    output
        The result's file; for an album, or for several inputs, their folder. As in `Request`.
    options
        Options of every job.
    overwrite, recursive, photo_format, name, each_style
        As `OutputNaming` has them: whether outputs may be replaced, and sub-folders of albums belong to them; the ending of every
        photo's result, such as `jpg`; names of results, such as `{style}/{input}`; whether styles are not mixed.
    observer
        Is told what albums hold and what is given twice.

    Raises
    ------
    UsageError
        Nothing was given to paint, or no style, or a format or name is of no use.
    InputError
        The only input, or a style, cannot be read.
    OutputError
        An output would be one of the inputs.

    """
    paths = [inputs] if isinstance(inputs, str | Path) else inputs
    pictures = as_styles([styles] if isinstance(styles, str | Path | Style) else styles)
    target = Path(output) if output is not None else None
    layout = OutputNaming(overwrite, recursive, photo_format, name, each_style)
    return plan_all([Request([*map(Path, paths)], pictures, target, options or Options())], layout, observer)


def plan_all(requests: Sequence[Request], layout: OutputNaming, observer: Observer = ignore) -> list[Job]:
    """Make jobs of several requests, whose results get names of their own among all of them.

    Parameters
    ----------
    requests
        What to paint, and how.
    layout
        Which inputs are found, and how results are named.
    observer
        Is told what albums hold, and which inputs are given twice.

    Raises
    ------
    UsageError, InputError, OutputError
        As `plan`.

    """
    for request in requests:
        if not request.inputs:
            raise UsageError("Nothing to paint was given; name a film, a photo or a folder.")
        if not request.styles:
            raise UsageError("No style was given; name a picture.")
        for path in (*request.inputs, *([request.output] if request.output else [])):
            if str(path) == "-":
                raise UsageError(
                    "A stream ('-') can be neither painted nor written; give the name of a file."
                )
    for picture in dict.fromkeys(s.picture for request in requests for s in as_styles(request.styles)):
        photo_size(picture)  # Says by name what is no picture.
    planner = _Planner(layout, observer, alone=len(requests) == len(requests[0].inputs) == 1)
    for request in requests:
        planner.add(request)
    sources = [path for job in planner.jobs for path in (job.input, *job.stills, *files_of(job.styles))]
    check_not_an_input(sources, [job.output for job in planner.jobs])
    return planner.jobs


class _Target(NamedTuple):
    found: Found
    path: Path
    complete: bool
    """Whether `path` is the whole name, or lacks its ending."""


class _Planner:
    def __init__(self, layout: OutputNaming, observer: Observer, *, alone: bool) -> None:
        self.jobs: list[Job] = []
        self._layout, self._observer, self._alone = layout, observer, alone
        self._names = UniqueNames()
        self._seen: set[tuple[Path, tuple[Style, ...], Path | None, Options]] = set()

    def add(self, request: Request) -> None:
        """Make the jobs of a request."""
        styles = as_styles(request.styles)
        again: list[Path] = []
        for mixture in [(style,) for style in styles] if self._layout.each_style else [styles]:
            check_weights(mixture)
            for target in self._targets(request, mixture):
                source = target.found.path
                # By another name or link it is another picture: an album may hold a selection of itself.
                key = (source.parent.resolve() / source.name, mixture, request.output, request.options)
                if key in self._seen:
                    again.append(source)
                    continue
                self._seen.add(key)
                self._job(request, mixture, target)
        if again:
            others = f" and {len(again) - 1} more" if len(again) > 1 else ""
            message = f"{quoted(again[0])}{others} given more than once, and painted once."
            self._observer(Notice(len(self.jobs), message))

    def _is_alone(self, request: Request) -> bool:
        """Whether an output is the result's own name, or an album's own folder."""
        return self._alone or (request.whole and len(request.inputs) == 1)

    def _job(self, request: Request, styles: tuple[Style, ...], target: _Target) -> None:
        found, path = target.found, target.path
        if not target.complete:
            path = self._names.claim(
                path, ".mp4" if found.stills else self._layout.ending(found.path, found.kind)
            )
        # Of a single output, a folder that is missing may be a slip; of a batch it is vidstyle's own to make.
        makes_folder = not (target.complete and self._alone) and path.parent != Path()
        fixed = found.path, found.kind, styles, path, request.options
        self.jobs.append(Job(*fixed, self._layout.overwrite, makes_folder, found.stills, found.fault))

    def _targets(self, request: Request, styles: tuple[Style, ...]) -> Iterator[_Target]:
        """Each file to paint, and where its result goes."""
        output, layout = request.output, self._layout
        for entry in request.inputs:
            is_sequence = _is_sequence(entry, request.options)
            if not is_sequence and _is_folder(entry):
                yield from self._album(entry, request, styles)
                continue
            found = self._single(entry, is_sequence=is_sequence)
            named = entry
            if is_sequence:
                folder = (entry if _is_folder(entry) else entry.parent).resolve()
                named = folder.with_name(
                    f"{folder.name}.png"
                )  # A folder has no ending, whatever points it has.
            if output and self._is_alone(request) and not layout.each_style and layout.name is None:
                if (
                    layout.photo_format
                    and found.kind is Kind.PHOTO
                    and layout.ending(entry, found.kind) != output.suffix.lower()
                ):
                    raise UsageError(
                        f"--format {layout.photo_format} and --output {quoted(output)} contradict each other; leave one away."
                    )
                yield _Target(found, output, complete=True)
            else:
                yield _Target(
                    found, (output or Path()) / layout.named(named, styles, in_album=False), complete=False
                )

    def _single(self, path: Path, *, is_sequence: bool) -> Found:
        try:
            if is_sequence:
                return Found(path, Path(), Kind.FILM, None, list_sequence(path))
            return Found(path, Path(), kind_of(path))
        except VidstyleError as exc:
            if self._alone:
                raise
            return Found(path, Path(), Kind.PHOTO, exc)

    def _album(self, entry: Path, request: Request, styles: tuple[Style, ...]) -> Iterator[_Target]:
        output, layout = request.output, self._layout
        folder = output
        if folder is None or not self._is_alone(request):
            name = f"{entry.resolve().name}-{style_name(styles)}"
            folder = self._names.claim((output or Path()) / name, "")
        try:
            own = [path for path in (output, folder) if path]
            pictures = [style.picture for style in as_styles(request.styles)]
            album = scan_folder(entry, pictures, recursive=layout.recursive, outputs=own)
        except InputError as exc:
            if self._alone:
                raise
            yield _Target(Found(entry, Path(), Kind.PHOTO, exc), folder, complete=True)
            return
        self._observer(AlbumRead(len(self.jobs), entry, len(album.found), dict(album.passed_over)))
        for found in album.found:
            name = layout.named(found.path, styles, in_album=True)
            yield _Target(found, folder / found.inside / name, complete=False)


def _is_sequence(path: Path, options: Options) -> bool:
    return (options.pictures.sequence and _is_folder(path)) or is_sequence_pattern(path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # Such as a name that is too long: whoever opens it says so.
        return False
