"""Signatures: one number for the content of a document, one for the values that rules read from it.

What browsers do not show makes no difference to either: scripts, styles, comments, hidden inputs, the names
of assets, the order of attributes, white space. Where a document has no text, its bytes are its content.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import msgspec
from isal.isal_zlib import crc32

from crawler.reading.content.links import main_links
from crawler.reading.content.noise import NO_NOISE, Noise
from crawler.reading.document import Document
from crawler.reading.html import text_without
from crawler.reading.record import NOTHING, ReadRecord
from crawler.reading.signature import text_signature

_SIGN, _BITS = 1 << 63, 1 << 64
_STEP = 0x9E3779B97F4A7C15  # odd: no two sums of 32 bits give the same product
_JSON = msgspec.json.Encoder(order="deterministic")  # rules in another order read the same values


def content_signature(document: Document, noise: Noise = NO_NOISE, signature: int | None = None) -> int:
    """64 bits (signed) of the title, the visible text and the links of the main part, without noise.

    ``signature`` is the :func:`text_signature` of the document's text, if that is known.
    """
    if not document.text and document.body:
        return _hash(document.body)
    text, title = text_without_noise(document, noise), noise.without(document.title)
    if signature is None or text is not document.text:
        signature = text_signature(text)
    rest = crc32(f"{title}\n{main_links(document, noise.selector, noise.ignored)}".encode(errors="replace"))
    return (signature + rest * _STEP + _SIGN) % _BITS - _SIGN


def text_without_noise(document: Document, noise: Noise) -> str:
    """The text of a document without noise."""
    if noise.selector and document.tree is not None:
        return noise.without(text_without(document.tree, noise.selector))
    return noise.without(document.text)


def values_signature(records: Iterable[ReadRecord]) -> int:
    """64 bits (signed) of what rules read from a document; 0 if no record has a value.

    Records with keys may stand in any order: a position tells only those without.
    """
    lines = [
        _JSON.encode((record.collection, record.key or record.position, record.values))
        for record in records
        if not all(map(NOTHING.__contains__, record.values.values()))
    ]
    return _hash(b"\n".join(sorted(lines))) if lines else 0


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)
