"""Estimates of memory, disk and time."""
