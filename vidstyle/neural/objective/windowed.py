"""Loss and gradient of an image of which one window changes.

An image comes into the loss by sums over its places (`objective.PartialSums`). Those of the rest are kept,
and what the window adds to them is computed again.
"""

from typing import NamedTuple

from vidstyle.neural.device.backend import Tensor, keras, value_and_gradient
from vidstyle.neural.objective.objective import Objective, PartialSums
from vidstyle.neural.objective.terms import Targets
from vidstyle.neural.objective.tiles import Crop
from vidstyle.neural.objective.tiling import Evaluation
from vidstyle.neural.vgg.encoder import Encoder


class Surroundings(NamedTuple):
    """Image around a window that changes."""

    corner: Tensor
    """Row and column of the window's first pixel, [2] int32."""
    image: Tensor
    """The whole image as it was, [H, W, 3]."""
    rest: PartialSums
    """Sums over it, less those over the window as it was."""


def window_sums(
    objective: Objective, encoder: Encoder, window: Tensor, corner: Tensor, targets: Targets
) -> PartialSums:
    """Sum over the places of a window [h, w, 3] with its first pixel at `corner` [2]; in graph.

    Features near its border differ from those of the whole image. They do so before and after a change
    inside, so that the difference of the sums is right.
    """
    height, width, _ = window.shape
    return objective.accumulate(encoder, window, objective.crop(targets, Crop(corner, (height, width))))


def evaluate_window(
    objective: Objective, encoder: Encoder, window: Tensor, targets: Targets, surroundings: Surroundings
) -> Evaluation:
    """Compute the loss of the whole image, its groups of terms, and the gradient by a window; in graph.

    Parameters
    ----------
    objective
        Loss function whose terms depend on the image by their sums alone (`Objective.is_additive`).
    encoder
        Network.
    window
        The window as it is now, [h, w, 3].
    targets
        Targets of the whole image.
    surroundings
        The rest of it.

    """
    corner, image, rest = surroundings

    def loss(window: Tensor) -> tuple[Tensor, Tensor]:
        found = window_sums(objective, encoder, window, corner, targets)
        return objective.loss(image, targets, keras.tree.map_structure(keras.ops.add, rest, found))

    return value_and_gradient(loss, window)
