"""Options: frozen groups with every default once, its range and its help."""
