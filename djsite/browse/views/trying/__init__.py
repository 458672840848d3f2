"""Trying a page: what came of it, pointing at it, and the details of a list's items."""
