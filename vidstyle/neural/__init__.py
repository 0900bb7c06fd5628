"""The painter: knows arrays, not files."""
