"""Devices: the backend, the hardware, memory, and what is set before a library is loaded."""
