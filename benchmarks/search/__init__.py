"""Bench: the index of words."""
