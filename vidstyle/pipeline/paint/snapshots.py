"""How a picture comes into being: kept every so many iterations."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vidstyle.errors import OutputError, quoted, reason
from vidstyle.media.frame_png import write_frame


@dataclass
class SnapshotWriter:
    """Keeps pictures of a photo, or of the first frame of each shot, in a folder beside the output.

    Their numbers go on from 0, the start, so that the folder is a sequence.
    """

    output: Path
    every: int
    """Iterations between two pictures."""
    _number: int = field(default=0, init=False)

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.output.with_name(f"{self.output.stem}-steps")

    def of(self, _index: int) -> tuple[int, Callable[[Any], None]]:
        """How often, and by whom, pictures of a frame are taken; as `Painter.paint` wants it."""
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as exc:
            raise OutputError(
                f"The folder {quoted(self.folder)} cannot be made: {reason(exc)}; leave --save-every away."
            ) from exc
        return self.every, self._keep

    def _keep(self, image: Any) -> None:
        write_frame(self.folder / f"{self._number:06d}.png", np.asarray(image), durable=False)
        self._number += 1
