"""Images as arrays: resizing, colour, detail; no files, no films."""
