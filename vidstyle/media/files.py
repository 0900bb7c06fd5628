"""Files at the border: permissions, names that C libraries accept, and atomic replacement."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vidstyle.errors import OutputError, ProbeError, quoted, reason

TEMPORARY = ".vidstyle-"
"""Prefix of the names of unfinished files."""
# Only containers of their own frames: lists such as HLS, DASH and concat open any file that they name.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,nut,ivf,m4v,h264,hevc,obu,"
    "yuv4mpegpipe,dv,rm,mp3,wav,flac,aac"
)
WHITELISTS = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
"""Options of FFmpeg's demuxers: the protocols and formats that they may open."""


def check_writable(path: Path) -> None:
    """Check that a file can be written to `path`, and leave nothing behind.

    Raises
    ------
    OutputError
        The folder is missing or cannot be written, or `path` is a folder.
    """
    if path.is_dir():
        raise OutputError(f"{quoted(path)} is a folder; give the name of a file.")
    if not path.parent.is_dir():
        raise OutputError(f"The folder {quoted(path.parent)} does not exist; create it first.")
    try:
        # Permissions are not enough: a file system may be mounted read-only.
        tempfile.TemporaryFile(dir=path.parent, prefix=TEMPORARY).close()
    except OSError as exc:
        raise OutputError(
            f"The folder {quoted(path.parent)} cannot be written: {reason(exc)}; choose another folder."
        ) from exc


def check_readable(path: Path) -> None:
    """Check that a file is regular, readable, and not empty.

    Opening a pipe would wait for a writer for ever, so the kind of file is checked first.

    Raises
    ------
    ProbeError
        The file is missing, a folder, a pipe or device, empty, or may not be read.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as exc:
        raise ProbeError(f"{quoted(path)} cannot be opened: {reason(exc)}; check the name.") from exc
    if stat.S_ISDIR(status.st_mode):
        raise ProbeError(f"{quoted(path)} is a folder; give a file.")
    if not stat.S_ISREG(status.st_mode):
        raise ProbeError(f"{quoted(path)} is a pipe or a device; save it to a file first.")
    if status.st_size == 0:
        raise ProbeError(f"{quoted(path)} is empty; give a video or a photo.")
    try:
        path.open("rb").close()
    except OSError as exc:
        raise ProbeError(f"{quoted(path)} cannot be read: {reason(exc)}; check its permissions.") from exc


@contextmanager
def plain_name(path: Path) -> Iterator[str]:
    """Give an absolute name for `path` that every C library takes literally.

    OpenCV crashes on names that are not UTF-8, and reads digits or `%` as the pattern of a sequence. Such a
    file is opened through a link with a harmless name.

    Yields
    ------
    str
        ASCII letters, digits and harmless punctuation only; valid inside the `with` block.
    """
    absolute = str(path.absolute())
    if absolute.isascii() and all(c.isalnum() or c in "/._- " for c in absolute):
        yield absolute
        return
    with tempfile.TemporaryDirectory(prefix="vidstyle-") as folder:
        ending = path.suffix if path.suffix.isascii() and path.suffix[1:].isalnum() else ""
        link = Path(folder) / f"input{ending}"
        link.symlink_to(path.absolute())
        yield str(link)


def replace_with(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace the file at `path` atomically: after a crash it is the old one or the new one, whole.

    Unless `durable`, that holds for a crash of the program, not of the machine, and does not wait for a disk.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    # Short, as the name itself may be as long as the file system allows.
    temporary = path.parent / f"{TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}.part"
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as exc:
        raise OutputError(
            f"{quoted(path)} cannot be written: {reason(exc)}; free space or choose another folder."
        ) from exc
