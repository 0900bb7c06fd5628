"""Measurement of painted films against their sources."""
