"""How text and outlinks are kept in a snapshot's row: UTF-8 and msgpack, each compressed by zstd."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import get_ident

import msgspec
import zstandard

from crawler.outlinks import Outlink

_OUTLINKS = msgspec.msgpack.Decoder(tuple[Outlink, ...])
_LIMIT = 256_000_000  # bytes a stored value may unpack to: more is a corrupt row


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
