"""Faults that people meet, one per file: the whole command, from its words to its exit code and files."""
