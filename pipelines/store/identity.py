"""What tells a record from the others of its collection: its key, or its page and its position there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from crawler.reading.record import ReadRecord
from crawler.rules.urls import url_fingerprint

Ident = tuple[int, str, int]  # seed id, collection, key hash
SEPARATOR = "\0"  # between the texts of a key; JSON columns of PostgreSQL refuse it, so no value has it
_STEP = 0x9E3779B97F4A7C15  # odd, so that positions give different sums; its bits are as good as random
_SIGN, _BITS = 1 << 63, 1 << 64


def hash_of_key(key: Sequence[str]) -> int:
    """64 bits (signed) of the texts of a key: look records up by these, with their seed and collection.

    Never by ``Record.key``: SQLite compares JSON as text, and Django writes it with other spaces and escapes
    than a store does.
    """
    return url_fingerprint(SEPARATOR.join(key))


def key_hash(record: ReadRecord, fingerprint: int) -> int:
    """64 bits (signed, for a database's bigint): of the key, else of the page's fingerprint and the position.

    A record at the first position has the fingerprint of its page.
    """
    if record.key:
        return hash_of_key(record.key)
    return (fingerprint + record.position * _STEP + _SIGN) % _BITS - _SIGN


def position_of(key_hash: int, fingerprint: int) -> int:
    """The position of a record without a key: what :func:`key_hash` made of it, undone."""
    return (key_hash - fingerprint) * pow(_STEP, -1, _BITS) % _BITS


def lock_keys(seed_ids: Iterable[int]) -> None:
    """Let one transaction at a time make records with keys for a seed, until it ends.

    Runs of one seed may find the same new key at once. Without this, the second insert would be refused. The
    numbers of these locks of PostgreSQL are below zero, those of other locks above. SQLite has one writer.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for seed_id in sorted(seed_ids):
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [-seed_id])
