"""Observers of a run: progress bars, plain lines, JSON lines, errors, and the file of statistics."""
