"""Changing many seeds at once: what would change, doing it, and undoing it."""
