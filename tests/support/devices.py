"""Failing devices, for the tests of the handling."""

from vidstyle.neural.device import backend


def failure(message):
    """Make an error as the backend raises it."""
    if backend.NAME == "tensorflow":
        import tensorflow as tf

        full = "RESOURCE_EXHAUSTED" in message
        return (tf.errors.ResourceExhaustedError if full else tf.errors.InternalError)(None, None, message)
    import jax

    return jax.errors.JaxRuntimeError(message)


def full(*_):
    """Fail as a device that is out of memory."""
    raise failure("RESOURCE_EXHAUSTED: out of memory while trying to allocate")
