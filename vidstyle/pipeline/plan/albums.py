"""What of a folder is painted: pictures and films in natural order, and what is passed over, counted."""

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from vidstyle.errors import InputError, ProbeError, VidstyleError, quoted, reason
from vidstyle.events import in_words
from vidstyle.media.encode.containers import film_endings
from vidstyle.media.photo.formats import photo_endings
from vidstyle.media.video.header import is_live_photo_video
from vidstyle.media.video.probe import Kind, kind_of
from vidstyle.pipeline.work.ledger import Ledger
from vidstyle.pipeline.work.workdir import FOLDER

# What cameras, phones and programs put beside a photo. Some of it (.thm) is a picture, but none to paint.
SIDECARS = frozenset({
    *(".xmp", ".aae", ".thm", ".json", ".pp3", ".dop", ".arp", ".cos", ".on1", ".vrd", ".ini", ".db", ".lrv"),
    *(".bak", ".tmp", ".part", ".xml", ".nfo"),
})  # fmt: skip
_STILLS = frozenset({".heic", ".heif", ".jpg", ".jpeg", ".avif", ".png"})

_MOMENTS = frozenset({".mov", ".mp4"})  # As phones write them, and as they are exported.


class Found(NamedTuple):
    """A file to paint."""

    path: Path
    inside: Path
    """Its folder, as seen from the album's."""
    kind: Kind
    fault: VidstyleError | None = None
    stills: tuple[Path, ...] = ()
    """Files of a film that is a sequence of them."""


@dataclass
class Album:
    """What a folder holds."""

    folder: Path
    found: list[Found] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    """By reason, each in a word or two."""


def natural_order(path: Path) -> tuple[list[tuple[int, int | str]], str]:
    """Sort key by which photo2 comes before photo10."""
    parts = re.split(r"(\d+)", path.name)
    key: list[tuple[int, int | str]] = [
        (0, int(part)) if part.isdecimal() else (1, part.casefold()) for part in parts
    ]
    # Names that differ in nothing else still have one order, whatever the file system says.
    return key, path.name


def scan_folder(
    folder: Path, styles: Sequence[Path], *, recursive: bool = False, outputs: Collection[Path] = ()
) -> Album:
    """Find the pictures and films of a folder.

    Parameters
    ----------
    folder
        The album.
    styles
        Pictures that are not painted, as they are the styles.
    recursive
        Whether its sub-folders belong to it.
    outputs
        Folders that results go to, and whose contents are not painted once more.

    Raises
    ------
    InputError
        It cannot be read, or holds nothing to paint.

    """
    walk = _Walk(Album(folder), _identities(styles), _identities(outputs), recursive=recursive)
    album = walk.album
    try:
        walk.look(Path())
    except OSError as exc:
        raise InputError(
            f"The folder {quoted(folder)} cannot be read ({reason(exc)}); check its permissions."
        ) from exc
    if not album.found:
        left = (
            ""
            if recursive or not album.passed_over["sub-folder"]
            else ", or add --recursive for its sub-folders"
        )
        passed = f" ({in_words(album.passed_over)} passed over)" if album.passed_over else ""
        raise InputError(
            f"The folder {quoted(folder)} holds no picture and no film{passed}; name another{left}."
        )
    return album


class _Walk:
    """A walk through an album."""

    def __init__(
        self, album: Album, styles: set[tuple[int, int]], outputs: set[tuple[int, int]], *, recursive: bool
    ) -> None:
        self.album = album
        self._styles, self._outputs, self._recursive = styles, outputs, recursive
        self._seen: set[tuple[int, int]] = set()

    def look(self, inside: Path) -> None:
        """Look into a folder of the album."""
        place = self.album.folder / inside
        self._seen |= _identities([place])
        files, folders = _listed(place)
        ledger = Ledger(place) if (place / FOLDER).is_dir() else None
        stills = {file.stem.casefold() for file in files if file.suffix.lower() in _STILLS}
        for file in files:
            if why := self._why_not(file, stills, ledger):
                self.album.passed_over[why] += 1
            else:
                self._find(file, inside)
        for folder in folders:
            if folder.name == FOLDER:
                continue
            if why := self._why_not_into(folder):
                self.album.passed_over[why] += 1
            else:
                self._enter(folder, inside)

    def _find(self, file: Path, inside: Path) -> None:
        try:
            self.album.found.append(Found(file, inside, kind_of(file)))
        except ProbeError as exc:
            if file.suffix.lower() in (*film_endings(), *photo_endings()):
                # It should be one, and its job says why it is none.
                self.album.found.append(Found(file, inside, Kind.PHOTO, exc))
            else:
                self.album.passed_over["other file"] += 1

    def _enter(self, folder: Path, inside: Path) -> None:
        try:
            self.look(inside / folder.name)
        except OSError as exc:
            fault = InputError(
                f"The folder {quoted(folder)} cannot be read ({reason(exc)}); check its permissions."
            )
            self.album.found.append(Found(folder, inside, Kind.PHOTO, fault))

    def _why_not(self, file: Path, stills: Collection[str], ledger: Ledger | None) -> str | None:
        """Why a file is passed over, in a word or two; None where it is not."""
        ending = file.suffix.lower()
        reasons: dict[str, Callable[[], bool]] = {
            "hidden": lambda: file.name.startswith("."),
            "sidecar": lambda: ending in SIDECARS,
            "other file": lambda: not file.is_file(),
            "style": lambda: bool(_identities([file]) & self._styles),
            "painted before": lambda: ledger is not None and ledger.is_output(file),
            "Live Photo film": lambda: (
                ending in _MOMENTS and file.stem.casefold() in stills and is_live_photo_video(file)
            ),
        }
        return next((name for name, holds in reasons.items() if holds()), None)

    def _why_not_into(self, folder: Path) -> str | None:
        here = _identities([folder])
        reasons = {
            "hidden": folder.name.startswith("."),
            "output folder": bool(here & self._outputs),
            "sub-folder": not self._recursive,
            # A link to a folder above it would go round for ever.
            "folder seen before": bool(here & self._seen),
        }
        return next((name for name, holds in reasons.items() if holds), None)


def _listed(folder: Path) -> tuple[list[Path], list[Path]]:
    """Files and folders of a folder, each in natural order."""
    files: list[Path] = []
    folders: list[Path] = []
    for entry in sorted(folder.iterdir(), key=natural_order):
        (folders if entry.is_dir() else files).append(entry)
    return files, folders


def _identities(paths: Collection[Path]) -> set[tuple[int, int]]:
    found = set()
    for path in paths:
        try:
            status = os.stat(path)  # noqa: PTH116 - what is not there has no identity.
        except OSError:
            continue
        found.add((status.st_dev, status.st_ino))
    return found
