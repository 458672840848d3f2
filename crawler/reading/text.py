"""Text as it is kept: white space folded, nothing in it that a database refuses."""

from __future__ import annotations


def fold(text: str) -> str:
    """White space folded to single spaces, and no character that PostgreSQL or UTF-8 refuse."""
    return storable(" ".join(text.split()))


def storable(text: str) -> str:
    """The text without the characters that PostgreSQL (NUL) or UTF-8 (lone surrogates) refuse."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "ignore").decode()
    return text
