"""Content codings: as they should be, damaged, without a name that we know, and as bombs."""

from __future__ import annotations

import functools
import gzip
import zlib

import brotli
import zstandard

from tests.fakeweb.answers import Behaviour
from tests.fakeweb.bad.case import Case, failing, group
from tests.fakeweb.misbehaviour import HTML, PAGE, Lazy, Raw, bomb, coded

_GZIPPED = gzip.compress(PAGE)
_WRONG_CHECKSUM = _GZIPPED[:-8] + b"\1\2\3\4" + _GZIPPED[-4:]
_NO_CODINGS = (
    *(
        "utf-8",
        "UTF-8",
        "none",
        "None",
        "iso-8859-1",
        "8bit",
        "binary",
        "text/html",
        "charset=utf-8",
        "default",
    ),
    *("raw", "plain", "off", "false", "on", "identity", "", "compress", "aes128gcm", "gzip-not", "\x01"),
)


def _damaged(packed: bytes) -> bytes:
    """The same bytes with one flipped in the middle."""
    middle = len(packed) // 2
    return packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :]


def _wide_zstd() -> bytes:
    wide = zstandard.ZstdCompressionParameters(window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    return packer.compress(PAGE) + packer.flush()


def _as_is(number: int, name: str) -> Case:
    does = (
        f"`Content-Encoding: {name}` above a plain body" if name.isprintable() else "a control as the coding"
    )
    return Case(f"no-coding-{number}", does, coded(name.encode(), PAGE))


def _bad(name: str, does: str, behaviour: Behaviour) -> Case:
    return failing(name, does, behaviour, "decoding", status=200)


def _bomb(name: str, does: str) -> Case:
    return failing(f"bomb-{name}", does, Lazy(functools.partial(bomb, name)), "too_large", status=200)


CODINGS = group(
    "Content codings",
    [
        *(_as_is(number, name) for number, name in enumerate(_NO_CODINGS, 1)),
        Case("gzip", "gzip", coded(b"gzip", _GZIPPED)),
        Case("x-gzip", "gzip by its old name", coded(b"x-gzip", _GZIPPED)),
        Case("gzip-with-weight", "`gzip;q=1`", coded(b"gzip;q=1", _GZIPPED)),
        Case("gzip-and-none", "`none, gzip`", coded(b"none, gzip", _GZIPPED)),
        Case(
            "gzip-members",
            "gzip in two members",
            coded(b"gzip", gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:])),
        ),
        Case("gzip-padded", "zeros after gzip", coded(b"gzip", _GZIPPED + b"\0" * 64)),
        Case("gzip-garbage", "rubbish after gzip", coded(b"gzip", _GZIPPED + b"<p>and more")),
        Case("gzip-empty", "gzip above no body", coded(b"gzip", b""), body=b"", title=""),
        Case("deflate", "deflate", coded(b"deflate", zlib.compress(PAGE))),
        Case(
            "raw-deflate", "deflate without zlib's frame", coded(b"deflate", zlib.compress(PAGE, wbits=-15))
        ),
        Case("br", "brotli", coded(b"br", brotli.compress(PAGE))),
        Case("zstd", "zstd", coded(b"zstd", zstandard.compress(PAGE))),
        Case("gzip-then-br", "brotli above gzip", coded(b"gzip, br", brotli.compress(_GZIPPED))),
        Case(
            "two-coding-fields",
            "the same in two fields",
            Raw(
                b"HTTP/1.1 200 OK\r\n"
                + HTML
                + b"Content-Encoding: gzip\r\nContent-Encoding: br\r\n\r\n"
                + brotli.compress(_GZIPPED)
            ),
        ),
        _bad("gzip-cut", "gzip that ends early", coded(b"gzip", _GZIPPED[:-12])),
        _bad("gzip-damaged", "gzip with a flipped byte", coded(b"gzip", _damaged(_GZIPPED))),
        _bad("gzip-checksum", "gzip with a wrong checksum", coded(b"gzip", _WRONG_CHECKSUM)),
        _bad("gzip-many-members", "40,000 empty gzip members", coded(b"gzip", gzip.compress(b"") * 40_000)),
        _bad("not-gzip", "a plain body that it calls gzip", coded(b"gzip", PAGE)),
        _bad("gzip-as-br", "gzip that it calls brotli", coded(b"br", _GZIPPED)),
        _bad("gzip-as-none", "gzip that it calls none", coded(b"none", _GZIPPED)),
        _bad("deflate-cut", "deflate that ends early", coded(b"deflate", zlib.compress(PAGE)[:-5])),
        _bad("br-cut", "brotli that ends early", coded(b"br", brotli.compress(PAGE)[:-3])),
        _bad("br-garbage", "rubbish after brotli", coded(b"br", brotli.compress(PAGE) + b"<p>and more")),
        _bad("zstd-cut", "zstd that ends early", coded(b"zstd", zstandard.compress(PAGE)[:-3])),
        _bad("zstd-window", "zstd with a window of 128 MB", coded(b"zstd", _wide_zstd())),
        _bad(
            "three-codings",
            "three codings",
            coded(b"gzip, gzip, gzip", gzip.compress(gzip.compress(_GZIPPED))),
        ),
        _bad("hundred-codings", "a hundred codings", coded(b"gzip" + b", gzip" * 99, _GZIPPED)),
        _bad(
            "unknown-coding",
            "a coding that we do not know",
            coded(b"compress", b"\x1f\x9d\x90" + bytes(range(200))),
        ),
        _bomb("gzip", "64 MB of zeros in gzip"),
        _bomb("deflate", "64 MB of zeros in deflate"),
        _bomb("br", "64 MB of zeros in brotli"),
        _bomb("zstd", "64 MB of zeros in zstd"),
        _bomb("nested", "64 MB of zeros in gzip in gzip"),
    ],
)
