"""Loss function: its terms, style targets, and the tiles of large images."""
