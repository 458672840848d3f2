"""Content codings undone within a byte cap: gzip, deflate, br and zstd (RFC 9110 section 8.4.1).

A body is decoded when all of it has arrived, so memory holds at most the cap of raw bytes and the cap of each
coding's output. No decoder is ever asked for more than the cap and one byte.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import brotli
import zstandard
from isal import igzip_lib, isal_zlib

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
MAX_CODINGS = 2  # more on one body is an attack (urllib3 CVE-2025-66418)
MAX_MEMBERS = 256  # of one gzip body: each costs a copy of all that follows it

_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # zlib's wbits
_STEP = 1 << 20  # largest piece taken from a decoder at once, bytes
_ZSTD_WINDOW = 8 << 20  # RFC 9659: a decoder for the web need not support larger windows
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"

_ERRORS = (cast(type[Exception], igzip_lib.IsalError), brotli.error, zstandard.ZstdError)


class Undecodable(Exception):
    """The codings are nested too deep, or the body is corrupt or ends early."""


class OverLimit(Exception):
    """The decoded body is larger than the cap. ``head`` holds its first bytes, as many as the cap."""

    def __init__(self, head: bytes) -> None:
        super().__init__(f"the decoded body is larger than {len(head)} bytes")
        self.head = head


class Truncated(Undecodable):
    """The coded body ends early. ``head`` holds what could be decoded."""

    def __init__(self, head: bytes) -> None:
        super().__init__("the compressed body ends early")
        self.head = head


def codings_of(content_encoding: str) -> tuple[tuple[str, ...], str]:
    """The codings of a Content-Encoding header in the order they were applied, and what else it names.

    What names no coding of ours (``none``, ``utf-8``, ``charset=utf-8``) is most often written above a body
    that is not coded, and browsers read such a body as it is. The caller looks whether it is.

    Raises:
        Undecodable: there are more than :data:`MAX_CODINGS`.
    """
    if not content_encoding:
        return (), ""
    words = [word.partition(";")[0].strip().lower() for word in content_encoding.split(",")]
    names = [word.removeprefix("x-") for word in words]
    codings = tuple(name for name in names if name in _DECODERS)
    if len(codings) > MAX_CODINGS:
        raise Undecodable(f"{len(codings)} content codings on one body")
    unknown = [name for name in names if name not in _DECODERS and name not in ("", "identity")]
    return codings, ", ".join(unknown)[:40]


def decode(raw: bytes, codings: tuple[str, ...], limit: int) -> bytes:
    """Undo the codings, the last applied first. An empty body stays empty with any codings.

    Raises:
        Undecodable, OverLimit
    """
    for name in reversed(codings):
        if not raw:
            return raw
        try:
            raw = _DECODERS[name](raw, limit)
        except _ERRORS as error:
            raise Undecodable(f"{name}: {error}") from error
    return raw


def _gunzip(raw: bytes, limit: int) -> bytes:
    """All members of a gzip file (RFC 1952 section 2.2). Browsers drop what follows them, and so do we."""
    output = b""
    for _ in range(MAX_MEMBERS):
        decoder = isal_zlib.decompressobj(_GZIP)
        output += _inflate(decoder, raw, limit - len(output), output)
        raw = decoder.unused_data
        if not raw.startswith(b"\x1f\x8b\x08"):
            return output
    raise Undecodable(f"gzip: more than {MAX_MEMBERS} members")


def _undeflate(raw: bytes, limit: int) -> bytes:
    """The zlib format that RFC 9110 means, or the raw deflate that some servers send."""
    is_zlib = raw[0] & 0x0F == 8 and len(raw) > 1 and int.from_bytes(raw[:2], "big") % 31 == 0
    decoder = isal_zlib.decompressobj(_ZLIB if is_zlib else _RAW_DEFLATE)
    return _inflate(decoder, raw, limit, b"")


def _inflate(decoder: Any, raw: bytes, room: int, before: bytes) -> bytes:
    output: bytes = decoder.decompress(raw, room + 1)
    if len(output) > room:
        raise OverLimit(before + output[:room])
    if not decoder.eof:
        raise Truncated(before + output)
    return output


def _unbrotli(raw: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    output: bytes = decoder.process(raw, output_buffer_limit=limit + 1)
    while not decoder.is_finished() and len(output) <= limit:
        piece = decoder.process(b"", output_buffer_limit=limit + 1 - len(output))
        if not piece:
            raise Truncated(output)
        output += piece
    if len(output) > limit:
        raise OverLimit(output[:limit])
    return output


def _unzstd(raw: bytes, limit: int) -> bytes:
    """All frames (RFC 8878). Their structure is walked first: the decoder does not report a missing end."""
    complete = _zstd_is_complete(raw)
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    reader = decoder.stream_reader(raw, read_across_frames=True)
    output = b""
    while piece := reader.read(min(_STEP, limit + 1 - len(output))):
        output += piece
        if len(output) > limit:
            raise OverLimit(output[:limit])
    if not complete:
        raise Truncated(output)
    return output


def _zstd_is_complete(raw: bytes) -> bool:
    position = 0
    while position < len(raw):
        if raw[position + 1 : position + 4] == _ZSTD_SKIPPABLE:
            position += 8 + int.from_bytes(raw[position + 4 : position + 8], "little")
        else:
            position = _zstd_frame_end(raw, position)
    return position == len(raw)


def _zstd_frame_end(raw: bytes, start: int) -> int:
    """Where the frame at ``start`` ends; past the end of ``raw`` if it is cut."""
    head = raw[start : start + 18]
    if len(head) < 6:
        return len(raw) + 1
    frame = zstandard.get_frame_parameters(head)
    position = start + zstandard.frame_header_size(head)
    last = 0
    while not last:
        block = int.from_bytes(raw[position : position + 3], "little")
        last, kind, size = block & 1, block >> 1 & 3, block >> 3
        position += 3 + (1 if kind == 1 else size)  # kind 1: one byte, repeated
        if position > len(raw):
            return len(raw) + 1
    return position + (4 if frame.has_checksum else 0)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
