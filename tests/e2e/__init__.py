"""Faults that people meet, one file each: the whole command, from its words to its exit code and what lies on disk."""
