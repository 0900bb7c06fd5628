"""Painters: the seam behind which frames are painted, and its implementations."""
