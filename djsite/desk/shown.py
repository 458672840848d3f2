"""Texts of other people, cut to what a browser draws at once: pages are written by strangers."""

from __future__ import annotations

import unicodedata

MARKS = 4  # combining marks that follow one another; no writing system needs more, a browser draws each
LINE, PARAGRAPH, TEXT = 300, 2_000, 20_000  # characters of a title or address, of a field, of a page's text


def shown(text: str, most: int = LINE) -> str:
    """At most so many characters of a text, an ellipsis instead of the rest, and few marks on each letter."""
    begun = text[: most + 1]
    calm = begun if begun.isascii() else "".join(_few_marks(begun))
    return calm if len(text) <= most else f"{calm[: most - 1]}…"


def _few_marks(text: str) -> list[str]:
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me", "Mc") else 0
        if marks <= MARKS:
            kept.append(character)
    return kept
