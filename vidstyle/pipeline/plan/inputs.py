"""Inputs of a request on disk: photos, videos, sequences of files, and folders of these."""

from pathlib import Path
from typing import NamedTuple

from vidstyle.errors import VidstyleError
from vidstyle.media.video.image_sequence import names_sequence, stills_of
from vidstyle.media.video.probe import Kind, kind_of
from vidstyle.options.groups import Options


class Found(NamedTuple):
    """A file to paint."""

    path: Path
    inside: Path
    """Its folder, relative to the album's."""
    kind: Kind
    fault: VidstyleError | None = None
    """Error that keeps it from being painted."""
    stills: tuple[Path, ...] = ()
    """Files of a video that is a sequence of them."""


def find_single(path: Path, *, is_sequence: bool) -> Found:
    """Find an input that is not an album.

    Raises
    ------
    InputError
        It cannot be read.

    """
    if is_sequence:
        return Found(path, Path(), Kind.FILM, None, stills_of(path))
    return Found(path, Path(), kind_of(path))


def is_sequence(path: Path, options: Options) -> bool:
    """Whether an input is a sequence of files: a pattern, or a folder if the options ask for it."""
    return (options.pictures.sequence and is_folder(path)) or names_sequence(path)


def is_folder(path: Path) -> bool:
    """Whether an input is a folder."""
    try:
        return path.is_dir()
    except OSError:  # Such as a name that is too long, which is reported when the file is opened.
        return False


def file_identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, by which it is recognised under any name; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
