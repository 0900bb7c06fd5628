"""Painters: arrays in, arrays out, no files."""
