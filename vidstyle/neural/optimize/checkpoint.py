"""Optimiser state as plain arrays, from which a descent goes on to the same bytes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidstyle.neural.device.backend import keras
from vidstyle.neural.optimize.monitor import Arrays
from vidstyle.neural.optimize.state import State
from vidstyle.options.groups import Precision


def arrays_of(state: State, seconds: float) -> Arrays:
    """Write a state, and the seconds that it took so far, as arrays by name."""
    arrays = {"seconds": np.array(seconds)}
    for name, value in state._asdict().items():
        each = enumerate(value) if isinstance(value, tuple) else [("", value)]
        arrays |= {f"{name}{number}": _plain(array) for number, array in each}
    return arrays


def state_of(arrays: Arrays, start: State) -> tuple[State, float] | None:
    """Read back what `arrays_of` wrote; None if that is no state of a descent from such a start."""
    fields = {}
    for name, like in start._asdict().items():
        values = tuple(
            _tensor(arrays, f"{name}{number}", one)
            for number, one in (enumerate(like) if isinstance(like, tuple) else [("", like)])
        )
        if any(value is None for value in values):
            return None
        fields[name] = values if isinstance(like, tuple) else values[0]
    # Those of a descent with a longer history have more arrays.
    if "seconds" not in arrays or len(arrays) != 1 + len(keras.tree.flatten(start)):
        return None
    return State(**fields), float(arrays["seconds"])


def _plain(array: Any) -> NDArray[Any]:
    """Convert to a type that files know: of bfloat16, which NumPy does not have, the bits."""
    plain = np.asarray(array)
    return plain.view(np.uint16) if _is_bfloat16(array) else plain


def _tensor(arrays: Arrays, name: str, like: Any) -> Any:
    array = arrays.get(name)
    if array is None or array.shape != tuple(like.shape) or (array.dtype == np.uint16) != _is_bfloat16(like):
        return None
    if _is_bfloat16(like):
        array = array.view(np.asarray(like[:0]).dtype)
    return keras.ops.convert_to_tensor(array, keras.backend.standardize_dtype(like.dtype))


def _is_bfloat16(array: Any) -> bool:
    return bool(keras.backend.standardize_dtype(array.dtype) == Precision.BFLOAT16)
