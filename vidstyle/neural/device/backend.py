"""The few lines that differ between Keras' backends: compiling, differentiating, devices, arithmetic.

TensorFlow is the default; `KERAS_BACKEND=jax` runs the same painter on JAX. Importing this module imports the backend,
and it is imported first wherever Keras is.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vidstyle.errors import DeviceFullError, PainterError, reason


@contextlib.contextmanager
def _hush() -> Iterator[None]:
    """Keep the native libraries' greetings off stderr while they load; their errors come as exceptions."""
    try:
        saved = os.dup(2)
    except OSError:  # No stderr at all.
        yield
        return
    with Path(os.devnull).open("w") as sink:
        os.dup2(sink.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
NAME = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
"""`tensorflow` or `jax`."""
if NAME not in {"tensorflow", "jax"}:
    raise PainterError(f"Keras' backend {NAME!r} is not supported; set KERAS_BACKEND to tensorflow or jax.")
with _hush():
    try:
        import keras as keras  # noqa: PLC0414 - handed on: whoever needs Keras gets it from here, after the backend.
    except ImportError as exc:
        raise PainterError(
            f"Keras' backend {NAME} cannot be loaded ({reason(exc)}); install it, or unset KERAS_BACKEND."
        ) from exc

    if NAME == "tensorflow":
        import tensorflow as tf

        # That a function is traced for each size of picture is meant.
        tf.get_logger().setLevel("ERROR")
        # The same command gives the same bytes.
        tf.config.experimental.enable_op_determinism()
        for _gpu in tf.config.list_physical_devices("GPU"):
            # A card is shared with other programs, and with its own screen.
            tf.config.experimental.set_memory_growth(_gpu, True)
        tf.config.list_logical_devices()  # Starts the runtime, and with it the rest of its greetings.
    else:
        import jax

        jax.devices()

Tensor = Any


def compiled(function: Callable[..., Any], *, xla: bool) -> Callable[..., Any]:
    """Compile a function of tensors; it is traced once for each combination of shapes."""
    if NAME == "tensorflow":
        # oneDNN's convolutions are faster than XLA's on processors, XLA's fusion is faster on graphics cards.
        return tf.function(function, jit_compile=xla, autograph=False)  # type: ignore[no-any-return]
    return jax.jit(function)  # type: ignore[no-any-return]


def value_and_gradient(
    function: Callable[[Any], tuple[Tensor, Tensor]], x: Any
) -> tuple[Tensor, Tensor, Any]:
    """Value of a function that returns (scalar, anything else), what else it returns, and the scalar's gradient at x.

    x is a tensor, or nested tuples of tensors; the gradient is of its structure.
    """
    if NAME == "tensorflow":
        # A graph of its own, called where it stands. Dissolved in a loop's graph, which has no first operation, some
        # operations would be met before those that they differentiate, and by chance a pooling's gradient would not become
        # oneDNN's: fifteen times slower, a fourth of an iteration.
        apart = tf.function(_differentiated, autograph=False, experimental_attributes={"_noinline": True})
        return apart(function, x)  # type: ignore[no-any-return]
    (value, extra), gradient = jax.value_and_grad(function, has_aux=True)(x)
    return value, extra, gradient


def _differentiated(function: Callable[[Any], tuple[Tensor, Tensor]], x: Any) -> tuple[Tensor, Tensor, Any]:
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        value, extra = function(x)
    return value, extra, tape.gradient(value, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def sequential_loop(count: int, body: Callable[[Tensor, Any], Any], start: Any) -> Any:
    """Loop in graph, state = body(index, state), whose turns share memory, as none begins before the last has ended."""
    if NAME == "tensorflow":
        _, end = tf.while_loop(
            lambda index, _: index < count,
            lambda index, state: (index + 1, body(index, state)),
            (tf.constant(0), start),
            parallel_iterations=1,
        )
        return end
    return jax.lax.fori_loop(0, count, body, start)


def depends_on(before: Tensor, compute: Callable[[], Tensor]) -> Tensor:
    """Compute something in graph no sooner than something else, whose memory it can have; otherwise it would be at once."""
    if NAME == "tensorflow":
        with tf.control_dependencies([before]):
            return compute()
    return compute()  # XLA orders operations by what they take.


def gpus() -> list[str]:
    """Names of the graphics cards that the backend sees, as Keras names them: `gpu:0`, `gpu:1`."""
    if NAME == "tensorflow":
        count = len(tf.config.list_logical_devices("GPU"))
    else:
        count = len(jax.devices()) if jax.default_backend() == "gpu" else 0
    return [f"gpu:{index}" for index in range(count)]


def choose_device(wanted: str, available: list[str]) -> str:
    """Resolve `auto`, `cpu` or `gpu:N` to `cpu` or a name out of `available`.

    Raises
    ------
    PainterError
        The card asked for is not there.

    """
    if wanted == "auto":
        return available[0] if available else "cpu"
    if wanted == "cpu" or wanted in available:
        return wanted
    there = ", ".join(available) if available else "none"
    raise PainterError(
        f"--device {wanted} is not there (graphics cards that {NAME} sees: {there}); give auto or cpu."
    )


def device_scope(device: str) -> contextlib.AbstractContextManager[Any]:
    """Scope in which tensors are made and functions run on `cpu` or `gpu:N`."""
    return keras.device(device)  # type: ignore[no-any-return]


@contextlib.contextmanager
def translate_errors(what: str) -> Iterator[None]:
    """Turn the backend's own failures into a PainterError, a device out of memory into a DeviceFullError."""
    failures: tuple[type[Exception], ...] = (
        (tf.errors.OpError,) if NAME == "tensorflow" else (jax.errors.JaxRuntimeError,)
    )
    try:
        yield
    except failures as exc:
        full = "RESOURCE_EXHAUSTED" in str(exc) or type(exc).__name__ == "ResourceExhaustedError"
        if full:
            raise DeviceFullError(
                f"The painter failed at {what}: there is not enough memory; give a smaller --size, or --device cpu."
            ) from exc
        raise PainterError(f"The painter failed at {what}: {reason(exc)}.") from exc
