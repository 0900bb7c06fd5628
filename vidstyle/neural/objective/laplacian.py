"""Laplacian term: the lines of the source are kept.

Li, Xu, Nie and Liu, "Laplacian-Steered Neural Style Transfer", ACM Multimedia 2017, section 3.
"""

from vidstyle.neural.device.backend import LAYOUT, Tensor, keras
from vidstyle.neural.objective.terms import FrameTensors, Term
from vidstyle.options.groups import PaintOptions
from vidstyle.options.objective import ObjectiveOptions

LAPLACIAN_UNIT = 1e6
"""Weight that an option of 1 stands for: about that of the content loss of the default preset."""


def laplacian(image: Tensor, pool: int) -> Tensor:
    """Laplacian [H', W'] of an image [H, W, C], averaged over squares of `pool` pixels, channels summed."""
    small = keras.ops.average_pool(image[None], pool, strides=pool, padding="valid", data_format=LAYOUT)[0]
    gray = keras.ops.sum(small, axis=-1)
    neighbors = gray[2:, 1:-1] + gray[:-2, 1:-1] + gray[1:-1, 2:] + gray[1:-1, :-2]
    return 4 * gray[1:-1, 1:-1] - neighbors


def laplacian_loss(image: Tensor, target: Tensor, pool: int) -> Tensor:
    """Mean squared difference of the Laplacian of an image [H, W, C] from a target [H', W']."""
    return keras.ops.mean(keras.ops.square(laplacian(image, pool) - target))


class LaplacianTerm(Term):
    """Laplacian loss against the content.

    It is computed of the whole image: its squares of pixels need not lie on the grid of the tiles.
    """

    name, group, is_additive = "laplacian", "content", False

    def __init__(self, options: ObjectiveOptions, _paint: PaintOptions) -> None:
        self.weight = options.laplacian_weight * LAPLACIAN_UNIT
        self._pool = options.laplacian_pool

    def targets(self, frame: FrameTensors, /) -> Tensor | None:
        """Compute the Laplacian of the content; without a weight the term is not active."""
        return laplacian(frame.content, self._pool) if self.weight else None

    def value(self, _sums: tuple[()], image: Tensor, targets: Tensor, /) -> Tensor:
        """Compare the Laplacians."""
        return laplacian_loss(image, targets, self._pool)
