"""Boxes of forms in which people write more than a line: collections, requests."""
