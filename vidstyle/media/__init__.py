"""Photos and videos at the border: files of many formats outside, RGB float32 in [0, 1] inside."""
