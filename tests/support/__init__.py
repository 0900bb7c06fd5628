"""Clips, fakes, reference losses and other help of the tests."""
