"""Snapshots of a painting as it comes into being, every few iterations."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vidstyle.errors import OutputError, quoted, reason
from vidstyle.media.frame_png import write_frame


@dataclass
class SnapshotWriter:
    """Writer of snapshots of a photo, or of the first frame of each shot, to a folder next to the output.

    Their numbers go on from 0, the start, so that the folder is a sequence.
    """

    output: Path
    every: int
    """Iterations between two snapshots."""
    _number: int = field(default=0, init=False)

    @property
    def folder(self) -> Path:
        """Folder of the snapshots."""
        return self.output.with_name(f"{self.output.stem}-snapshots")

    def open(self) -> "SnapshotWriter":
        """Make the folder.

        Raises
        ------
        OutputError
            It cannot be made.

        """
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as exc:
            raise OutputError(
                f"The folder {quoted(self.folder)} cannot be made: {reason(exc)}; omit --snapshot-every."
            ) from exc
        return self

    def __call__(self, image: Any) -> None:
        """Write an image [H, W, 3]."""
        write_frame(self.folder / f"{self._number:06d}.png", np.asarray(image), durable=False)
        self._number += 1
