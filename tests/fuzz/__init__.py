"""Random films: generated ones, which must be painted in full, and mutated ones, which must do no harm."""
