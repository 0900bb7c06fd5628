"""Planning: from inputs on disk to ordered jobs, each with its own output."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from vidstyle.errors import InputError, UsageError, VidstyleError, quoted
from vidstyle.events import AlbumRead, Notice, Observer, ignore
from vidstyle.media.photo.open import photo_size
from vidstyle.media.video.probe import Kind
from vidstyle.options.groups import Options
from vidstyle.options.style import Style, as_styles, check_weights, files_of
from vidstyle.pipeline.plan.albums import scan_folder
from vidstyle.pipeline.plan.inputs import Found, find_single, is_folder, is_sequence
from vidstyle.pipeline.plan.naming import OutputNaming, UniqueNames, check_not_an_input, style_name


@dataclass(frozen=True)
class Job:
    """One input to paint, with its styles, options and output."""

    input: Path
    kind: Kind
    styles: tuple[Style, ...]
    output: Path
    options: Options
    overwrite: bool = False
    makes_folder: bool = False
    """Whether a missing folder of the output is made: that of an album, and of several inputs."""
    stills: tuple[Path, ...] = ()
    """Files of a video that is a sequence of them, in order; `input` is then their pattern or folder."""
    fault: VidstyleError | None = None
    """Error that keeps it from starting; it fails when its turn comes, and the others go on."""


@dataclass(frozen=True)
class Request:
    """Inputs that share styles, options and output folder."""

    inputs: Sequence[Path]
    styles: Sequence[Style | Path]
    output: Path | None = None
    """File of the result; for an album, or for several inputs, their folder. By default it is named after
    input and styles, in the current folder."""
    options: Options = field(default_factory=Options)
    whole: bool = False
    """Whether `output` is the file of a single input's result, although there are other requests."""


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
    """Plan jobs for `stylize_many`.

    Parameters
    ----------
    inputs
        Videos, photos, and folders of these (albums).
    styles
        Styles, or paths of images, which are styles of weight 1.
    output
        File of the result; for an album, or for several inputs, their folder. As in `Request`.
    options
        Options of every job.
    overwrite, recursive, photo_format, name, each_style
        As in `OutputNaming`: whether existing outputs may be replaced; whether an album includes its
        sub-folders; the ending of every photo's result, such as `jpg`; the pattern of names, such as
        `{style}/{input}`; whether each style makes a separate result.
    observer
        Receives the contents of albums, and inputs that are given twice.

    Raises
    ------
    UsageError
        No input or no style was given, or a format or name is invalid.
    InputError
        The only input, or a style, cannot be read.
    OutputError
        An output would be one of the inputs.

    """
    paths = [inputs] if isinstance(inputs, str | Path) else inputs
    pictures = as_styles([styles] if isinstance(styles, str | Path | Style) else styles)
    target = Path(output) if output is not None else None
    naming = OutputNaming(overwrite, recursive, photo_format, name, each_style)
    return plan_all([Request([*map(Path, paths)], pictures, target, options or Options())], naming, observer)


def plan_all(requests: Sequence[Request], naming: OutputNaming, observer: Observer = ignore) -> list[Job]:
    """Plan the jobs of several requests, with names that are unique among all of them.

    Parameters
    ----------
    requests
        Inputs with their styles and options.
    naming
        Options of the batch: inputs to find, and names of results.
    observer
        Receives the contents of albums, and inputs that are given twice.

    Raises
    ------
    UsageError, InputError, OutputError
        As `plan`.

    """
    for request in requests:
        if not request.inputs:
            raise UsageError("nothing to paint was given; name a film, a photo or a folder.")
        if not request.styles:
            raise UsageError("no style was given; name an image.")
        for path in (*request.inputs, *([request.output] if request.output else [])):
            if str(path) == "-":
                raise UsageError(
                    "standard input and output ('-') are not supported; give the name of a file."
                )
    for picture in dict.fromkeys(s.picture for request in requests for s in as_styles(request.styles)):
        photo_size(picture)  # A style that cannot be read is reported by name.
    planner = _Planner(naming, observer, alone=len(requests) == len(requests[0].inputs) == 1)
    for request in requests:
        planner.add(request)
    sources = [path for job in planner.jobs for path in (job.input, *job.stills, *files_of(job.styles))]
    check_not_an_input(sources, [job.output for job in planner.jobs])
    return planner.jobs


class _Target(NamedTuple):
    """A file to paint, and the path of its result."""

    found: Found
    path: Path
    is_complete: bool
    """Whether the path has its ending; otherwise it is completed, and numbered where it is taken."""


class _Planner:
    """Jobs of some requests, in order."""

    def __init__(self, naming: OutputNaming, observer: Observer, *, alone: bool) -> None:
        self.jobs: list[Job] = []
        self._naming, self._observer, self._alone = naming, observer, alone
        self._names = UniqueNames()
        self._seen: set[tuple[Path, tuple[Style, ...], Path | None, Options]] = set()

    def add(self, request: Request) -> None:
        """Plan the jobs of a request."""
        styles = as_styles(request.styles)
        repeated: list[Path] = []
        for mixture in [(style,) for style in styles] if self._naming.each_style else [styles]:
            check_weights(mixture)
            for target in self._targets(request, mixture):
                source = target.found.path
                # Another name or link counts as another input: an album may hold a selection of itself.
                key = (source.parent.resolve() / source.name, mixture, request.output, request.options)
                if key in self._seen:
                    repeated.append(source)
                    continue
                self._seen.add(key)
                self._add_job(request, mixture, target)
        if repeated:
            others = f" and {len(repeated) - 1} more" if len(repeated) > 1 else ""
            message = f"{quoted(repeated[0])}{others} given more than once, and painted once."
            self._observer(Notice(len(self.jobs), message))

    def _names_whole(self, request: Request) -> bool:
        """Tell whether an output is the file of a single result or the folder of a single album."""
        return self._alone or (request.whole and len(request.inputs) == 1)

    def _add_job(self, request: Request, styles: tuple[Style, ...], target: _Target) -> None:
        found, path = target.found, target.path
        if not target.is_complete:
            ending = ".mp4" if found.stills else self._naming.ending(found.path, found.kind)
            path = self._names.claim(path, ending)
        # A missing folder of a single output may be a typing error; that of a batch is made.
        makes_folder = not (target.is_complete and self._alone) and path.parent != Path()
        fixed = found.path, found.kind, styles, path, request.options
        self.jobs.append(Job(*fixed, self._naming.overwrite, makes_folder, found.stills, found.fault))

    def _targets(self, request: Request, styles: tuple[Style, ...]) -> Iterator[_Target]:
        """Find the files to paint, and name their results."""
        output, naming = request.output, self._naming
        for entry in request.inputs:
            sequence = is_sequence(entry, request.options)
            if not sequence and is_folder(entry):
                yield from self._album_targets(entry, request, styles)
                continue
            found = self._find_single(entry, sequence=sequence)
            named = entry
            if sequence:  # It is named after its folder, which has no ending, whatever dots it has.
                folder = (entry if is_folder(entry) else entry.parent).resolve()
                named = folder.with_name(f"{folder.name}.png")
            if output and self._names_whole(request) and not naming.each_style and naming.name is None:
                self._check_format(found, output)
                yield _Target(found, output, is_complete=True)
            else:
                path = (output or Path()) / naming.stem(named, styles, in_album=False)
                yield _Target(found, path, is_complete=False)

    def _check_format(self, found: Found, output: Path) -> None:
        """Refuse --format where it contradicts the ending of --output."""
        chosen = self._naming.photo_format
        if not chosen or found.kind is not Kind.PHOTO:
            return
        if self._naming.ending(found.path, found.kind) != output.suffix.lower():
            raise UsageError(
                f"--format {chosen} and --output {quoted(output)} contradict each other; omit one."
            )

    def _find_single(self, path: Path, *, sequence: bool) -> Found:
        try:
            return find_single(path, is_sequence=sequence)
        except VidstyleError as exc:
            if self._alone:
                raise
            return Found(path, Path(), Kind.PHOTO, exc)

    def _album_targets(self, entry: Path, request: Request, styles: tuple[Style, ...]) -> Iterator[_Target]:
        output, naming = request.output, self._naming
        folder = output
        if folder is None or not self._names_whole(request):
            name = f"{entry.resolve().name}-{style_name(styles)}"
            folder = self._names.claim((output or Path()) / name, "")
        try:
            own = [path for path in (output, folder) if path]
            pictures = [style.picture for style in as_styles(request.styles)]
            album = scan_folder(entry, pictures, recursive=naming.recursive, outputs=own)
        except InputError as exc:
            if self._alone:
                raise
            yield _Target(Found(entry, Path(), Kind.PHOTO, exc), folder, is_complete=True)
            return
        self._observer(AlbumRead(len(self.jobs), entry, len(album.found), dict(album.passed_over)))
        for found in album.found:
            name = naming.stem(found.path, styles, in_album=True)
            yield _Target(found, folder / found.inside / name, is_complete=False)
