"""Painting of shots: the algorithm of Ruder et al. 2016, section 4."""
