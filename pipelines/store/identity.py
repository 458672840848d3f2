"""What tells a record from the others of its collection: its key, or its page and its position there."""

from __future__ import annotations

from crawler.reading.record import ReadRecord
from crawler.rules.urls import url_fingerprint

SEPARATOR = "\0"  # between the texts of a key; JSON columns of PostgreSQL refuse it, so no value has it
_STEP = 0x9E3779B97F4A7C15  # odd, so that positions give different sums; its bits are as good as random
_SIGN, _BITS = 1 << 63, 1 << 64


def key_hash(record: ReadRecord, fingerprint: int) -> int:
    """64 bits (signed, for a database's bigint): of the key, else of the page's fingerprint and the position.

    A record at the first position has the fingerprint of its page.
    """
    if record.key:
        return url_fingerprint(SEPARATOR.join(record.key))
    return (fingerprint + record.position * _STEP + _SIGN) % _BITS - _SIGN
