"""Options of a run: frozen groups that hold every default once, with its range and its help."""
