"""Descent by SciPy's L-BFGS-B, as the recipes that are made of it do: in rounds, each of which knows nothing of the last.

Byrd, Lu, Nocedal and Zhu, "A Limited Memory Algorithm for Bound Constrained Optimization", SIAM 1995; without bounds. The
first step of a round has a length of its own, so the picture is handed over in the units of the recipes, 0 to 255.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import Interrupted
from vidstyle.imaging.types import Image
from vidstyle.neural.optimize.monitor import Progress

LEVELS = 255.0


def scipy_descend(
    evaluate: Callable[[Image], tuple[float, Any]],
    start: Image,
    evaluations: int,
    each: int,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    on_image: Callable[[Image], None] = lambda _: None,
) -> tuple[Image, float, int, float]:
    """Minimise a function of an image.

    Parameters
    ----------
    evaluate
        Gives the loss of an image [H, W, 3] in [0, 1], and its gradient.
    start
        Where to start.
    evaluations
        About so many in all: a round ends after a whole line search.
    each
        Evaluations of a round.
    on_progress
        Told of each round.
    should_stop
        Asked before each evaluation.
    on_image
        Handed the image at the end of each round.

    Returns
    -------
    tuple
        Image in [0, 1], its loss, the number of evaluations, and the seconds they took.

    Raises
    ------
    Interrupted
        `should_stop` said yes.

    """
    from scipy.optimize import fmin_l_bfgs_b  # noqa: PLC0415 - half a second, and for this alone.

    def of_levels(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        if should_stop():
            raise Interrupted("Stopped; what is painted is kept.")
        loss, gradient = evaluate((flat / LEVELS).reshape(start.shape).astype(np.float32))
        return float(loss), np.asarray(gradient, np.float64).ravel() / LEVELS

    began = time.perf_counter()
    flat, done = start.astype(np.float64).ravel() * LEVELS, 0
    loss = of_levels(flat)[0] if evaluations < 1 else np.inf
    while done < evaluations:
        before = time.perf_counter()
        flat, loss, told = fmin_l_bfgs_b(of_levels, flat, maxfun=min(each, evaluations - done))
        done += told["funcalls"]
        seconds = time.perf_counter() - before
        now = min(done, evaluations)
        on_progress(Progress(now, evaluations, float(loss), seconds, told["funcalls"], evaluations - now))
        on_image(_image(flat, start))
        if told["warnflag"] == 0 and told["nit"] == 0:  # No step makes it better.
            break
    return _image(flat, start), float(loss), done, time.perf_counter() - began


def _image(flat: NDArray[np.float64], like: Image) -> Image:
    return np.asarray(np.clip(flat / LEVELS, 0, 1).reshape(like.shape), np.float32)
