"""Keys of rows that forms send."""

from __future__ import annotations


def key_of(text: str | None) -> int:
    """A key that a form sent; 0, which no row has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
