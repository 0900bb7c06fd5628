"""Devices that fail, for the tests of what comes after."""

from vidstyle.neural.device import backend


def failure(message):
    """An error as the backend raises it."""
    if backend.NAME == "tensorflow":
        import tensorflow as tf

        full = "RESOURCE_EXHAUSTED" in message
        return (tf.errors.ResourceExhaustedError if full else tf.errors.InternalError)(None, None, message)
    import jax

    return jax.errors.JaxRuntimeError(message)


def full(*_):
    """Do what a device does that is out of memory."""
    raise failure("RESOURCE_EXHAUSTED: out of memory while trying to allocate")
