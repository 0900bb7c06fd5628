"""Schedulers: shots as tasks, and where they are painted."""
