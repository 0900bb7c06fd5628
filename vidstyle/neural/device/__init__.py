"""Devices: the backend, the hardware, memory, and the settings made before a library is loaded."""
