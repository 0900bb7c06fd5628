"""Cache of the network's decoded weights, in the user's cache folder, from which they are mapped into memory.

Several processes that start at once share its pages. Each may write it: the last one replaces the file by the
same bytes. Where it cannot be written, weights are decoded again at each start.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Layers = Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
Shapes = Mapping[str, tuple[int, int, int, int]]


def cache_folder() -> Path:
    """Folder for files that can be made again (XDG Base Directory Specification).

    Raises
    ------
    RuntimeError
        There is no home folder. A relative one would be inside the current folder.

    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if Path(named).is_absolute() else Path.home() / ".cache"
    if not base.is_absolute():
        raise RuntimeError("no home folder")
    return base / "vidstyle"


def load_cached(checksum: str, shapes: Shapes, decode: Callable[[], Layers]) -> Layers:
    """Load decoded weights from the cache; decode and write them there if it has none intact.

    Parameters
    ----------
    checksum
        SHA-256 of the packed file, which has been verified.
    shapes
        Shape [height, width, in, out] of each layer's kernel.
    decode
        Decodes the packed file.

    Returns
    -------
    dict
        Kernel [height, width, in, out] and bias [out] of each layer, float32, read only.

    """
    try:
        path = cache_folder() / f"vgg19-{checksum[:16]}.f32"
        if (layers := _map(path, shapes)) is not None:
            return layers
    except (OSError, RuntimeError, ValueError):  # Such as no home folder.
        return decode()
    layers = decode()
    with contextlib.suppress(OSError):
        _write(path, layers)
    return layers


def _map(path: Path, shapes: Shapes) -> Layers | None:
    """Map a file that is complete and intact; None for any other."""
    if not path.is_file() or not _is_intact(path):
        return None
    flat = np.memmap(path, np.float32, "r")
    sizes = [count for shape in shapes.values() for count in (int(np.prod(shape)), shape[3])]
    if flat.size != sum(sizes):
        return None
    parts = iter(np.split(flat, np.cumsum(sizes)[:-1]))
    return {name: (next(parts).reshape(shape), next(parts)) for name, shape in shapes.items()}


def _write(path: Path, layers: Layers) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        digest = hashlib.sha256()
        with temporary.open("xb") as file:
            for kernel, bias in layers.values():
                for array in (kernel, bias):
                    data = np.ascontiguousarray(array, np.float32).data.cast("B")
                    digest.update(data)
                    file.write(data)
        # Its digest is written first: without it, the file would not be used.
        _write_note(path, {"sha256": digest.hexdigest(), "verified": _identity(temporary)})
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _is_intact(path: Path) -> bool:
    """Tell whether a file is as it was written.

    Its digest is computed once, and then known by size, time and inode.
    """
    try:
        note = json.loads(_note_path(path).read_text("ascii"))
        if note["verified"] == _identity(path):
            return True
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != note["sha256"]:
                return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    with contextlib.suppress(OSError):
        _write_note(path, note | {"verified": _identity(path)})
    return True


def _write_note(path: Path, note: Mapping[str, object]) -> None:
    temporary = path.with_name(f".{path.name}-note-{os.getpid()}-{os.urandom(4).hex()}")
    temporary.write_text(json.dumps(note), "ascii")
    temporary.replace(_note_path(path))


def _note_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _identity(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ino]
