"""Albums: the photos and videos of a folder in natural order, and counts of what is passed over."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vidstyle.errors import InputError, ProbeError, format_counts, quoted, reason
from vidstyle.media.encode.containers import film_endings
from vidstyle.media.photo.formats import photo_endings
from vidstyle.media.photo.raw_headers import RAW_ENDINGS
from vidstyle.media.video.header import is_live_photo_video
from vidstyle.media.video.probe import Kind, kind_of
from vidstyle.pipeline.plan.inputs import Found, file_identity
from vidstyle.pipeline.work.ledger import Ledger
from vidstyle.pipeline.work.workdir import FOLDER

# Written next to a photo by cameras, phones and programs. Some are images, such as .thm, but not to paint.
SIDECARS = frozenset({
    *(".xmp", ".aae", ".thm", ".json", ".pp3", ".dop", ".arp", ".cos", ".on1", ".vrd", ".ini", ".db", ".lrv"),
    *(".bak", ".tmp", ".part", ".xml", ".nfo"),
})  # fmt: skip
_STILL_ENDINGS = frozenset({".heic", ".heif", ".jpg", ".jpeg", ".avif", ".png"})
# Formats of the picture that a camera stores next to its RAW file, and of those developed from it.
_PAIRED_ENDINGS = _STILL_ENDINGS | {".hif", ".tif", ".tiff", ".webp"}
_LIVE_PHOTO_ENDINGS = frozenset({".mov", ".mp4"})  # As phones write them, and as they are exported.


@dataclass
class Album:
    """Contents of a folder."""

    folder: Path
    found: list[Found] = field(default_factory=list)
    """Files to paint, in natural order."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Number of files and folders passed over, by reason, a word or two each."""


def natural_order(path: Path) -> tuple[list[tuple[int, int | str]], str]:
    """Make a sort key by which photo2 comes before photo10."""
    parts = re.split(r"(\d+)", path.name)
    key: list[tuple[int, int | str]] = [
        (0, int(part)) if part.isdecimal() else (1, part.casefold()) for part in parts
    ]
    # The name itself makes the order independent of the file system where nothing else differs.
    return key, path.name


def scan_folder(
    folder: Path, styles: Sequence[Path], *, recursive: bool = False, outputs: Collection[Path] = ()
) -> Album:
    """Find the photos and videos of a folder.

    Parameters
    ----------
    folder
        The album.
    styles
        Style images, which are not painted.
    recursive
        Whether its sub-folders belong to it.
    outputs
        Folders of results, whose contents are not painted again.

    Raises
    ------
    InputError
        The folder cannot be read, or holds nothing to paint.

    """
    walk = _Walk(Album(folder), _identities(styles), _identities(outputs), recursive=recursive)
    album = walk.album
    try:
        walk.scan(Path())
    except OSError as exc:
        raise _unreadable(folder, exc) from exc
    if not album.found:
        has_deeper = not recursive and album.passed_over["sub-folder"]
        remedy = ", or add --recursive for its sub-folders" if has_deeper else ""
        passed = f" ({format_counts(album.passed_over)} passed over)" if album.passed_over else ""
        raise InputError(
            f"the folder {quoted(folder)} contains neither a photo nor a film{passed}; name another{remedy}."
        )
    return album


class _Walk:
    """Walk through the folders of an album."""

    def __init__(
        self, album: Album, styles: set[tuple[int, int]], outputs: set[tuple[int, int]], *, recursive: bool
    ) -> None:
        self.album = album
        self._styles, self._outputs, self._recursive = styles, outputs, recursive
        self._seen: set[tuple[int, int]] = set()

    def scan(self, inside: Path) -> None:
        """Scan a folder of the album, by its path inside it."""
        folder = self.album.folder / inside
        self._seen |= _identities([folder])
        files, subfolders = _list_folder(folder)
        ledger = Ledger(folder) if (folder / FOLDER).is_dir() else None
        first = len(self.album.found)
        stills = {file.stem.casefold() for file in files if file.suffix.lower() in _STILL_ENDINGS}
        for file in files:
            if why := self._reason_to_pass_file(file, stills, ledger):
                self.album.passed_over[why] += 1
            else:
                self._add(file, inside)
        self._pass_over_raw_of_pairs(first)
        for subfolder in subfolders:
            if subfolder.name == FOLDER:
                continue
            if why := self._reason_to_pass_folder(subfolder):
                self.album.passed_over[why] += 1
            else:
                self._enter(subfolder, inside)

    def _add(self, file: Path, inside: Path) -> None:
        try:
            self.album.found.append(Found(file, inside, kind_of(file)))
        except ProbeError as exc:
            if file.suffix.lower() in {*film_endings(), *photo_endings(), *RAW_ENDINGS}:
                # By its ending it is meant to be painted: its job fails, and reports why.
                self.album.found.append(Found(file, inside, Kind.PHOTO, exc))
            else:
                self.album.passed_over["other file"] += 1

    def _pass_over_raw_of_pairs(self, first: int) -> None:
        """Pass over the RAW files of a folder, whose files begin at `first`, that have a finished picture.

        The picture is the photo as the camera showed it, with its colours and its crop, and can be painted
        everywhere. A picture that is not painted itself, such as a damaged one, does not count.
        """
        found = self.album.found[first:]
        pictures = {
            item.path.stem.casefold()
            for item in found
            if item.path.suffix.lower() in _PAIRED_ENDINGS and item.kind is Kind.PHOTO and item.fault is None
        }
        kept = [
            item
            for item in found
            if item.path.suffix.lower() not in RAW_ENDINGS or item.path.stem.casefold() not in pictures
        ]
        if len(kept) < len(found):
            self.album.found[first:] = kept
            self.album.passed_over["RAW of a pair"] += len(found) - len(kept)

    def _enter(self, folder: Path, inside: Path) -> None:
        try:
            self.scan(inside / folder.name)
        except OSError as exc:
            self.album.found.append(Found(folder, inside, Kind.PHOTO, _unreadable(folder, exc)))

    def _reason_to_pass_file(self, file: Path, stills: Collection[str], ledger: Ledger | None) -> str | None:
        """Find why a file is passed over, in a word or two; None where it is painted."""
        ending = file.suffix.lower()
        reasons: dict[str, Callable[[], bool]] = {
            "hidden": lambda: file.name.startswith("."),
            "sidecar": lambda: ending in SIDECARS,
            "other file": lambda: not file.is_file(),
            "style": lambda: bool(_identities([file]) & self._styles),
            "painted before": lambda: ledger is not None and ledger.is_output(file),
            "Live Photo film": lambda: (
                ending in _LIVE_PHOTO_ENDINGS and file.stem.casefold() in stills and is_live_photo_video(file)
            ),
        }
        return next((name for name, applies in reasons.items() if applies()), None)

    def _reason_to_pass_folder(self, folder: Path) -> str | None:
        identity = _identities([folder])
        reasons = {
            "hidden": folder.name.startswith("."),
            "output folder": bool(identity & self._outputs),
            "sub-folder": not self._recursive,
            # A link to a folder above it would make the walk endless.
            "folder seen before": bool(identity & self._seen),
        }
        return next((name for name, applies in reasons.items() if applies), None)


def _unreadable(folder: Path, exc: OSError) -> InputError:
    return InputError(f"the folder {quoted(folder)} cannot be read ({reason(exc)}); check its permissions.")


def _list_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """List the files and the sub-folders of a folder, each in natural order."""
    files: list[Path] = []
    folders: list[Path] = []
    for entry in sorted(folder.iterdir(), key=natural_order):
        (folders if entry.is_dir() else files).append(entry)
    return files, folders


def _identities(paths: Collection[Path]) -> set[tuple[int, int]]:
    return {identity for path in paths if (identity := file_identity(path))}
