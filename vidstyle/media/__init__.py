"""Pictures and films at the border: uint8, BGR and paths outside, RGB float32 in [0, 1] inside."""
