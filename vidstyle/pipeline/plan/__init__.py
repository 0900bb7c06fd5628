"""Planning: from inputs to jobs, before anything is painted."""
