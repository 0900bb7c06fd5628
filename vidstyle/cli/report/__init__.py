"""Observers of a run: progress bars, plain lines, JSON lines, and the file of figures."""
