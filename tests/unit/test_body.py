"""Content codings undone within a cap: all four, all their failures, and bombs in flat memory."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.requests.body import OverLimit, Truncated, Undecodable, codings_of, decode

TEXT = b"<!doctype html><title>A page</title>" + b"<p>Words and more words.</p>" * 200
NOISE = random.Random(5).randbytes(300_000)
LIMIT = 1 << 20


def _zstd(data: bytes, **options: object) -> bytes:
    return zstandard.ZstdCompressor(**options).compress(data)


PACK = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": _zstd,
}


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("data", [TEXT, NOISE, b"x"], ids=["text", "noise", "byte"])
def test_each_coding_is_undone(name, data):
    assert decode(PACK[name](data), (name,), LIMIT) == data


@pytest.mark.parametrize(
    "raw",
    [
        gzip.compress(TEXT[:50]) + gzip.compress(TEXT[50:]),
        gzip.compress(TEXT) + b"\0" * 512,
        gzip.compress(TEXT) + gzip.compress(b""),
        gzip.compress(TEXT) + b"<!-- cached -->\r\n",
    ],
    ids=["members", "padding", "empty member", "rubbish"],
)
def test_gzip_as_it_is_found(raw):
    assert decode(raw, ("gzip",), LIMIT) == TEXT


@pytest.mark.parametrize("rest", [b"", b"\r\n<!-- cached -->"])
@pytest.mark.parametrize("wbits", [15, -15])
def test_both_kinds_of_deflate_are_understood(wbits, rest):
    assert decode(zlib.compress(TEXT, wbits=wbits) + rest, ("deflate",), LIMIT) == TEXT


@pytest.mark.parametrize(
    "raw",
    [
        _zstd(TEXT, write_checksum=True),
        _zstd(TEXT, write_content_size=False),
        _zstd(NOISE, write_checksum=True, level=1),
        _zstd(TEXT[:50]) + _zstd(TEXT[50:]),
        b"\x50\x2a\x4d\x18\x04\0\0\0skip" + _zstd(TEXT),
        _zstd(b"\0" * 900_000),
    ],
    ids=["checksum", "no size", "raw blocks", "frames", "skippable frame", "repeated bytes"],
)
def test_zstd_as_it_is_found(raw):
    decoded = decode(raw, ("zstd",), LIMIT)
    assert decoded in (TEXT, NOISE, b"\0" * 900_000)


def test_two_codings_are_undone_from_the_last_to_the_first():
    raw = brotli.compress(gzip.compress(TEXT))
    assert decode(raw, codings_of("gzip, br")[0], LIMIT) == TEXT


@pytest.mark.parametrize("name", PACK)
def test_no_body_is_no_body_in_any_coding(name):
    assert decode(b"", (name,), LIMIT) == b""


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("data", [TEXT, NOISE], ids=["text", "noise"])
def test_a_body_that_ends_early_is_no_page(name, data):
    raw = PACK[name](data)
    for end in (3, len(raw) // 2, len(raw) - 4, len(raw) - 1):
        with pytest.raises(Undecodable):
            decode(raw[:end], (name,), LIMIT)


@pytest.mark.parametrize("name", PACK)
def test_what_could_be_decoded_of_a_cut_body_is_kept(name):
    raw = PACK[name](NOISE)
    with pytest.raises(Truncated) as caught:
        decode(raw[: len(raw) // 2], (name,), LIMIT)
    assert len(caught.value.head) > 100_000 or name == "br"
    assert NOISE.startswith(caught.value.head)


@pytest.mark.parametrize("name", ["br", "zstd"])
def test_garbage_after_the_body_is_refused(name):
    with pytest.raises(Undecodable):
        decode(PACK[name](TEXT) + b"<p>and more", (name,), LIMIT)


def test_thousands_of_members_are_refused():
    """Each costs a copy of the rest: 400,000 empty ones in 8 MB would take minutes."""
    assert decode(gzip.compress(b"a") * 200, ("gzip",), LIMIT) == b"a" * 200
    with pytest.raises(Undecodable, match="more than 256 members"):
        decode(gzip.compress(b"") * 400_000, ("gzip",), LIMIT)


@pytest.mark.parametrize("name", PACK)
def test_what_is_not_in_the_coding_is_refused(name):
    with pytest.raises(Undecodable):
        decode(TEXT, (name,), LIMIT)


@pytest.mark.parametrize("name", ["gzip", "deflate", "zstd"])  # brotli has no checksum
def test_a_wrong_checksum_is_refused(name):
    raw = _zstd(TEXT, write_checksum=True) if name == "zstd" else PACK[name](TEXT)
    at = -5 if name == "gzip" else -1
    damaged = bytearray(raw)
    damaged[at] ^= 0xFF
    with pytest.raises(Undecodable):
        decode(bytes(damaged), (name,), LIMIT)


@pytest.mark.parametrize("name", PACK)
def test_the_cap_is_exact(name):
    raw = PACK[name](TEXT)
    assert decode(raw, (name,), len(TEXT)) == TEXT
    with pytest.raises(OverLimit) as caught:
        decode(raw, (name,), len(TEXT) - 1)
    assert caught.value.head == TEXT[:-1]


def test_the_cap_holds_over_all_members():
    with pytest.raises(OverLimit) as caught:
        decode(gzip.compress(TEXT) * 3, ("gzip",), len(TEXT) * 2)
    assert caught.value.head == TEXT * 2


BOMB = b"\0" * (64 << 20)
BOMBS = {
    "gzip": lambda: gzip.compress(BOMB, 1),
    "deflate": lambda: zlib.compress(BOMB, 1),
    "br": lambda: brotli.compress(BOMB, quality=1),
    "zstd": lambda: _zstd(BOMB, level=1),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_cut_in_flat_memory(name):
    _assert_flat(BOMBS[name](), (name,))


def test_nested_bombs_are_cut_in_flat_memory():
    _assert_flat(gzip.compress(BOMBS["gzip"](), 1), ("gzip", "gzip"))
    _assert_flat(brotli.compress(BOMBS["zstd"]()), ("zstd", "br"))


def _assert_flat(raw: bytes, codings: tuple[str, ...]) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(OverLimit):
            decode(raw, codings, LIMIT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * LIMIT


def test_a_zstd_frame_that_wants_a_huge_window_is_refused():
    wide = zstandard.ZstdCompressionParameters(window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    raw = packer.compress(NOISE) + packer.flush()
    with pytest.raises(Undecodable):
        decode(raw, ("zstd",), LIMIT)


@pytest.mark.parametrize(
    ("header", "codings", "unknown"),
    [
        ("", (), ""),
        ("identity", (), ""),
        ("gzip", ("gzip",), ""),
        (" GZip ", ("gzip",), ""),
        ("x-gzip", ("gzip",), ""),
        ("gzip,", ("gzip",), ""),
        ("gzip;q=1", ("gzip",), ""),
        ("gzip, identity, br", ("gzip", "br"), ""),
        ("utf-8", (), "utf-8"),
        ("none,gzip", ("gzip",), "none"),
        ("charset=utf-8, compress", (), "charset=utf-8, compress"),
        ("y" * 9000, (), "y" * 40),
    ],
)
def test_codings_are_read_from_the_header(header, codings, unknown):
    assert codings_of(header) == (codings, unknown)


@pytest.mark.parametrize("header", ["gzip, gzip, gzip", "br" + ", gzip" * 50, "none, br, gzip, deflate"])
def test_too_many_codings_are_refused(header):
    with pytest.raises(Undecodable):
        codings_of(header)


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(list(PACK)))
def test_no_bytes_make_it_fail_in_another_way(raw, name):
    with suppress(Undecodable, OverLimit):
        decode(raw, (name,), 10_000)


@settings(deadline=None)
@given(st.data(), st.sampled_from(list(PACK)))
def test_no_damage_makes_it_fail_in_another_way(data, name):
    raw = bytearray(PACK[name](TEXT))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(Undecodable, OverLimit):
        decode(bytes(raw), (name,), 10_000)
