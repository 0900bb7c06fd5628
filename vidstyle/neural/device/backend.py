"""Keras and its backend: the few lines that differ between TensorFlow and JAX.

TensorFlow is the default; `KERAS_BACKEND=jax` runs the same painter on JAX. Importing this module imports the
backend: Keras is imported from here wherever it is used.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vidstyle.errors import DeviceFullError, PainterError, reason


@contextlib.contextmanager
def _hush() -> Iterator[None]:
    """Keep the native libraries' log lines off stderr while they load; their errors come as exceptions."""
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


@contextlib.contextmanager
def _own_settings() -> Iterator[None]:
    """Import Keras with its own defaults, whatever the user's keras.json has, and without writing one.

    Below a file that is not a folder there is nothing, and nothing can be made.
    """
    given = os.environ.get("KERAS_HOME")
    os.environ["KERAS_HOME"] = os.devnull
    try:
        yield
    finally:
        del os.environ["KERAS_HOME"]
        if given is not None:
            os.environ["KERAS_HOME"] = given
    # The caller's own downloads by Keras go to the folder that Keras itself would have chosen.
    config = sys.modules.get("keras.src.backend.config")
    if getattr(config, "_KERAS_DIR", None) == os.devnull:
        vars(config)["_KERAS_DIR"] = given or str(_home() / ".keras")


def _home() -> Path:
    """Find the home folder, or where there is none that can be written, that of temporary files."""
    with contextlib.suppress(RuntimeError):  # No account, and no variable.
        if (home := Path.home()).is_absolute() and os.access(home, os.W_OK):
            return home
    return Path(tempfile.gettempdir())


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
NAME = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
"""`tensorflow` or `jax`."""
if NAME not in {"tensorflow", "jax"}:
    raise PainterError(f"Keras' backend {NAME!r} is not supported; set KERAS_BACKEND to tensorflow or jax.")
with _hush():
    try:
        with _own_settings():
            import keras as keras  # noqa: PLC0414 - exported: Keras is imported from here, after the backend.
    except ImportError as exc:
        raise PainterError(
            f"Keras' backend {NAME} cannot be loaded ({reason(exc)}); install it, or unset KERAS_BACKEND."
        ) from exc
    if keras.backend.backend() != NAME:  # The program around has imported it before.
        raise PainterError(
            f"Keras is already loaded with the backend {keras.backend.backend()} instead of {NAME}; set "
            "KERAS_BACKEND to tensorflow or jax before Keras is imported."
        )

    if NAME == "tensorflow":
        import tensorflow as tf

        # Tracing a function for each image size is intended, and not worth a warning.
        tf.get_logger().setLevel("ERROR")
        # The same command has to give the same bytes.
        tf.config.experimental.enable_op_determinism()
        for _gpu in tf.config.list_physical_devices("GPU"):
            # A card is shared with other programs, and with its own screen.
            tf.config.experimental.set_memory_growth(_gpu, True)
        tf.config.list_logical_devices()  # Starts the runtime, which logs the rest of its lines.
    else:
        import jax

        jax.devices()

Tensor = Any
LAYOUT = "channels_last"
"""Order of the dimensions of feature maps, whatever a program that has loaded Keras before has set."""


def compiled(function: Callable[..., Any], *, xla: bool) -> Callable[..., Any]:
    """Compile a function of tensors; it is traced once for each combination of shapes."""
    if NAME == "tensorflow":
        # oneDNN's convolutions are faster than XLA's on processors, XLA's fusion is faster on graphics cards.
        return tf.function(function, jit_compile=xla, autograph=False)  # type: ignore[no-any-return]
    return jax.jit(function)  # type: ignore[no-any-return]


def value_and_gradient(
    function: Callable[[Any], tuple[Tensor, Tensor]], x: Any
) -> tuple[Tensor, Tensor, Any]:
    """Compute a function that returns (scalar, extra): the scalar, the extra, and the scalar's gradient at x.

    x is a tensor, or nested tuples of tensors; the gradient has its structure.
    """
    if NAME == "tensorflow":
        # A graph of its own, called where it stands. Inlined in a loop's graph, which has no first operation,
        # some operations would be visited before those that they differentiate, and by chance a pooling's
        # gradient would miss oneDNN's kernel: fifteen times slower, a fourth of an iteration.
        separate = tf.function(_differentiate, autograph=False, experimental_attributes={"_noinline": True})
        return separate(function, x)  # type: ignore[no-any-return]
    (value, extra), gradient = jax.value_and_grad(function, has_aux=True)(x)
    return value, extra, gradient


def _differentiate(function: Callable[[Any], tuple[Tensor, Tensor]], x: Any) -> tuple[Tensor, Tensor, Any]:
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        value, extra = function(x)
    return value, extra, tape.gradient(value, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def fork(x: Tensor, count: int) -> tuple[Tensor, ...]:
    """Copy a tensor for several uses, whose gradients are added up in their order.

    TensorFlow adds three and more of them beginning with one whose memory happens to be free, and so rounds
    differently from time to time.
    """

    @keras.ops.custom_gradient  # type: ignore[untyped-decorator]
    def forked(x: Tensor) -> tuple[tuple[Tensor, ...], Callable[..., Tensor]]:
        def gradient(*upstream: Any) -> Tensor:
            # A chain of additions would be made one such operation again.
            return keras.ops.sum(keras.ops.stack(keras.tree.flatten(upstream)), axis=0)

        return (x,) * count, gradient

    return (x,) if count == 1 else tuple(forked(x))


def sequential_loop(count: int, body: Callable[[Tensor, Any], Any], start: Any) -> Any:
    """Loop in graph, state = body(index, state), one turn after the other, so that they share memory."""
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
    """Compute something in graph no sooner than `before`, whose memory it can then use."""
    if NAME == "tensorflow":
        with tf.control_dependencies([before]):
            return compute()
    return compute()  # XLA orders operations by what they take.


def gpus() -> list[str]:
    """Names of the graphics cards that the backend finds, as Keras names them: `gpu:0`, `gpu:1`."""
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
        There is no such card.

    """
    if wanted == "auto":
        return available[0] if available else "cpu"
    if wanted == "cpu" or wanted in available:
        return wanted
    found = ", ".join(available) if available else "none"
    raise PainterError(
        f"--device {wanted} not found (graphics cards that {NAME} finds: {found}); give auto or cpu."
    )


def device_scope(device: str) -> contextlib.AbstractContextManager[Any]:
    """Make tensors and run functions on `cpu` or `gpu:N` within this scope."""
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
                f"painting failed at {what}: not enough memory; give a smaller --size, or --device cpu."
            ) from exc
        raise PainterError(f"painting failed at {what}: {reason(exc)}.") from exc
