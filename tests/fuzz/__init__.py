"""Films that nobody drew on purpose: generated ones, which must come through whole, and mutated ones, which must not hurt."""
