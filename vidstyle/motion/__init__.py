"""Optical flow between frames, warping along it, and the temporal stability of a video."""
