"""Bench: large tables, as people browse, export and delete them."""
