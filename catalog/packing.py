"""How much is kept in few bytes.

In a snapshot's row, text and outlinks: UTF-8 and msgpack, each compressed by zstd.

In a page's row, its last looks, whatever is pruned of visits and versions. They are what estimates of how
often a page changes need (irregular gaps, and whether it had changed after each: Cho and Garcia-Molina,
"Estimating frequency of change", 2003). At most 34 bytes, big-endian: 4 of the newest look's time in minutes
since 1970; then of each look, newest first, 3 bytes: 22 bits of minutes since the look before, or the most
that fits, and 2 bits of what it saw.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import get_ident
from typing import NamedTuple

import msgspec
import zstandard

from crawler.outlinks import Outlink

_OUTLINKS = msgspec.msgpack.Decoder(tuple[Outlink, ...])
_LIMIT = 256_000_000  # bytes a stored value may unpack to: more is a corrupt row
LOOKS = 10  # of a page that are kept
_TIME, _LOOK = 4, 3  # bytes
_LATEST = 2**32 - 1  # minutes since 1970
_LONGEST = 2**22 - 1  # minutes between two looks: eight years
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Saw(enum.IntEnum):
    """What a look at a page saw."""

    SAME = 0, "unchanged"
    CHANGE = 1, "changed"
    NOTHING = 2, "not there"

    label: str

    def __new__(cls, value: int, label: str = "") -> Saw:
        saw = int.__new__(cls, value)
        saw._value_, saw.label = value, label
        return saw


class Look(NamedTuple):
    """A look at a page: when, to the minute, and what it saw."""

    at: datetime
    saw: Saw


def add_look(lately: bytes, at: datetime, saw: Saw) -> bytes:
    """The last looks of a page (``Page.lately``) with a further one. One that comes late is as the newest."""
    minute = min(int(at.timestamp()) // 60, _LATEST)
    if not lately:
        return minute.to_bytes(_TIME) + saw.to_bytes(_LOOK)
    before = int.from_bytes(lately[:_TIME])
    minute = max(minute, before)
    look = min(minute - before, _LONGEST) << 2 | saw
    kept = lately[_TIME : _TIME + (LOOKS - 1) * _LOOK]
    return minute.to_bytes(_TIME) + look.to_bytes(_LOOK) + kept


def looks_in(lately: bytes | memoryview) -> Iterator[Look]:
    """The looks of ``Page.lately``, newest first."""
    data = bytes(lately)
    minute = int.from_bytes(data[:_TIME])
    for start in range(_TIME, len(data), _LOOK):
        packed = int.from_bytes(data[start : start + _LOOK])
        yield Look(_EPOCH + timedelta(minutes=minute), Saw(packed & 3))
        minute -= packed >> 2


@lru_cache(maxsize=64)
def _codec(_thread: int) -> tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor]:
    return zstandard.ZstdCompressor(level=1), zstandard.ZstdDecompressor()  # neither may be shared by threads


def pack(data: bytes) -> bytes:
    """Compressed bytes; empty stays empty."""
    return _codec(get_ident())[0].compress(data) if data else b""


def unpack(data: bytes | memoryview) -> bytes:
    """The inverse of :func:`pack`. Raises ``zstandard.ZstdError`` for anything else."""
    return _codec(get_ident())[1].decompress(bytes(data), max_output_size=_LIMIT) if data else b""


def pack_text(text: str) -> bytes:
    """A page's folded text for ``Snapshot.text_zstd``."""
    return pack(text.encode("utf-8"))


def unpack_text(data: bytes | memoryview) -> str:
    """The text of ``Snapshot.text_zstd``."""
    return unpack(data).decode("utf-8")


def pack_outlinks(outlinks: Sequence[Outlink]) -> bytes:
    """A page's outlinks for ``Snapshot.outlinks_zstd``."""
    return pack(msgspec.msgpack.encode(outlinks)) if outlinks else b""


def unpack_outlinks(data: bytes | memoryview) -> tuple[Outlink, ...]:
    """The outlinks of ``Snapshot.outlinks_zstd``, in document order."""
    return _OUTLINKS.decode(unpack(data)) if data else ()
