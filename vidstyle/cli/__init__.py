"""Command line: options in, events out, an exit code at the end."""
