"""The signature of a text: 64 bits that also tell whether two texts differ in nothing but numbers."""

from __future__ import annotations

from isal.isal_zlib import crc32

READER = (
    2  # raised when the same pages are read as other texts, so that no text is compared with an older one;
    # then a migration has to empty Page.content
)
_HALF = 32  # bits


def text_signature(text: str) -> int:
    """64 bits (signed); the upper half is the same for texts that differ in digits only (:func:`alike`)."""
    data = text.encode()
    words = crc32(data.translate(None, b"0123456789"), READER)
    signature = words << _HALF | crc32(data, READER)
    return signature - (signature >> 63 << 64)


def alike(signature: int) -> tuple[int, int]:
    """The first and the last signature of texts that differ from this one in digits only."""
    first = signature >> _HALF << _HALF
    return first, first + (1 << _HALF) - 1
