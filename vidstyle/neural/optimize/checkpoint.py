"""A descent under way as plain arrays, so that whoever keeps them can go on from there, to the same bytes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.neural.device.backend import keras
from vidstyle.neural.optimize.monitor import Arrays, Checkpoints
from vidstyle.neural.optimize.state import State
from vidstyle.options.groups import Precision


def arrays_of(state: State, seconds: float) -> Arrays:
    """Write where a descent is, and the seconds that it took so far, as arrays by name."""
    found = {"seconds": np.array(seconds)}
    for name, value in state._asdict().items():
        each = enumerate(value) if isinstance(value, tuple) else [("", value)]
        found |= {f"{name}{number}": _plain(array) for number, array in each}
    return found


def state_of(arrays: Arrays, begun: State) -> tuple[State, float] | None:
    """Read back what `arrays_of` gave; None where that is no state of a descent like the one that is `begun`."""
    found = {}
    for name, like in begun._asdict().items():
        read = tuple(
            _array(arrays, f"{name}{number}", one)
            for number, one in (enumerate(like) if isinstance(like, tuple) else [("", like)])
        )
        if any(array is None for array in read):
            return None
        found[name] = read if isinstance(like, tuple) else read[0]
    # Of a descent that remembers more there would be more of these.
    if "seconds" not in arrays or len(arrays) != 1 + len(keras.tree.flatten(begun)):
        return None
    return State(**found), float(arrays["seconds"])


def resumed(begun: State, checkpoints: Checkpoints | None) -> tuple[State, float]:
    """State to go on from, and the seconds that it took: what was kept, or the one that is `begun`."""
    kept = checkpoints.load() if checkpoints else None
    return (kept and state_of(kept, begun)) or (begun, 0.0)


def _plain(array: Any) -> NDArray[Any]:
    """Array of a type that files know: NumPy has no bfloat16 of its own, so that its bits are kept."""
    found = np.asarray(array)
    return found.view(np.uint16) if _coarse(array) else found


def _array(arrays: Arrays, name: str, like: Any) -> Any:
    array = arrays.get(name)
    if array is None or array.shape != tuple(like.shape) or (array.dtype == np.uint16) != _coarse(like):
        return None
    if _coarse(like):
        array = array.view(np.asarray(like[:0]).dtype)
    return keras.ops.convert_to_tensor(array, keras.backend.standardize_dtype(like.dtype))


def _coarse(array: Any) -> bool:
    return bool(keras.backend.standardize_dtype(array.dtype) == Precision.BFLOAT16)
