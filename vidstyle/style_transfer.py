"""Style transfer of arrays: arrays in, arrays out, no files and no films."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import UsageError
from vidstyle.imaging.pyramid import match_pyramid, mix_statistics, pyramid_statistics
from vidstyle.imaging.types import Image
from vidstyle.media.photo.reader import read_photo
from vidstyle.neural.device.retry import retry_smaller
from vidstyle.neural.inputs import FrameTargets
from vidstyle.neural.painter import OptimizingPainter
from vidstyle.neural.result import Painted
from vidstyle.options.groups import MachineOptions, PaintOptions
from vidstyle.options.objective import ObjectiveOptions
from vidstyle.options.values import Init, InitKind


class StyleTransfer:
    """Style transfer of single images, with the style encoded once.

    >>> painter = StyleTransfer("starry.jpg")  # doctest: +SKIP
    >>> painted = painter.paint(image).image  # doctest: +SKIP

    Parameters
    ----------
    style
        A style, or several to be mixed: files, or arrays [H, W, 3], RGB, float in [0, 1] or uint8. Strokes
        get the size that they have in it, so resize it to about the size of what is painted.
    paint
        Iterations, weights and optimiser.
    machine
        Device, precision, weights file and tiles.
    objective
        Layers and loss function.

    Raises
    ------
    VidstyleError
        A picture, the weights or the device cannot be used.

    """

    def __init__(
        self,
        style: Path | str | NDArray[np.generic] | Sequence[Path | str | NDArray[np.generic]],
        paint: PaintOptions | None = None,
        machine: MachineOptions | None = None,
        objective: ObjectiveOptions | None = None,
    ) -> None:
        styles = [style] if isinstance(style, Path | str | np.ndarray) else style
        if not styles:
            raise UsageError("no style was given; give an image.")
        objective = objective or ObjectiveOptions()
        least = self._least = objective.smallest_side_px
        images = [as_image(s, least) if isinstance(s, np.ndarray) else read_photo(Path(s)) for s in styles]
        self.painter = OptimizingPainter(paint, machine, objective)
        self.style = self.painter.prepare(images)
        self._texture = None
        if self.painter.options.init == Init(InitKind.MATCHED):
            self._texture = mix_statistics(
                [pyramid_statistics(image) for image in images], [1 / len(images)] * len(images)
            )

    def paint(self, image: NDArray[np.generic], *, start: NDArray[np.generic] | None = None) -> Painted:
        """Paint an image.

        Parameters
        ----------
        image
            [H, W, 3], RGB, float in [0, 1] or uint8.
        start
            Image to start from, of the same shape; by default the image with the style's colours and
            contrasts, or as it is if the option `init` is not `matched`.

        Returns
        -------
        Painted
            Its `image` is [H, W, 3] float32, RGB in [0, 1].

        """
        content = as_image(image, self._least)
        if start is not None:
            begin = as_image(start)
        else:
            begin = content if self._texture is None else match_pyramid(content, self._texture)
        if begin.shape != content.shape:
            raise UsageError(
                f"The start is {begin.shape} where the image is {content.shape}; give one of the same shape."
            )
        height, width, _ = content.shape
        paint: Callable[[], Painted] = partial(
            self.painter.paint, FrameTargets(content, self.style, initial=begin)
        )
        return retry_smaller(self.painter, height, width, paint)


def as_image(array: NDArray[np.generic], least: int = ObjectiveOptions().smallest_side_px) -> Image:
    """Convert an array [H, W, 3], float in [0, 1] or uint8, to float32 in [0, 1].

    Raises
    ------
    UsageError
        It has another shape, is too small, or has another type or values out of range.

    """
    if array.ndim != 3 or array.shape[2] != 3:
        raise UsageError(
            f"An image of shape {array.shape} is not [height, width, 3]; convert it to RGB first."
        )
    if min(array.shape[:2]) < least:
        raise UsageError(
            f"An image of shape {array.shape} is too small for the painter; "
            f"scale it to at least {least} x {least}."
        )
    if array.dtype == np.uint8:
        return array.astype(np.float32) / np.float32(255)
    if not np.issubdtype(array.dtype, np.floating):
        raise UsageError(f"An image of type {array.dtype} is neither float nor uint8; convert it first.")
    image = array.astype(np.float32)
    if not (np.isfinite(image).all() and image.min() >= 0 and image.max() <= 1):
        raise UsageError("An image of floats has values outside [0, 1]; scale it first.")
    return image
