"""Optimisers: L-BFGS, Adam and L-BFGS-B of SciPy, and the loop that drives them."""
