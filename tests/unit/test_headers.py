"""The header fields of a request: ours, and those that a seed may add."""

from __future__ import annotations

import pytest

from crawler.requests.headers import RESERVED, check_header, encode_field, sendable, standing_fields


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Accept-Language", "de, en;q=0.5"),
        ("authorization", "Bearer abc.def"),
        ("Cookie", "a=b; c=d"),
        ("X-Tab", "a\tb"),
        ("X-Empty", ""),
        ("!#$%&'*+-.^_`|~", "all of these may be in a name"),
    ],
)
def test_what_a_seed_may_send(name, value):
    check_header(name, value)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("X A", "b", "cannot be the name of a header"),
        ("", "b", "cannot be the name of a header"),
        ("X:", "b", "cannot be the name of a header"),
        ("Ü", "b", "cannot be the name of a header"),
        ("X-A", "b\r\nc: d", "characters that no header may have"),
        ("X-A", "b\0", "characters that no header may have"),
        ("X-A", "€", "characters that no header may have"),
        ("Host", "x", "written by Crawlbeat itself"),
        ("ACCEPT-ENCODING", "x", "written by Crawlbeat itself"),
    ],
)
def test_what_a_seed_may_not_send(name, value, why):
    with pytest.raises(ValueError, match=why):
        check_header(name, value)


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_no_framing_field_is_for_seeds(name):
    with pytest.raises(ValueError, match=r"written by Crawlbeat itself|its own box"):
        check_header(name.title(), "x")
    assert sendable([(name.title(), "x"), ("X-A", "é")]) == (("X-A", "é"),)


def test_a_seeds_own_field_takes_the_place_of_ours():
    fields = standing_fields("Test/1.0", (("ACCEPT", "text/plain"), ("X-A", "b")), "gzip")
    assert fields == (
        (b"User-Agent", b"Test/1.0"),
        (b"Accept-Encoding", b"gzip"),
        (b"ACCEPT", b"text/plain"),
        (b"X-A", b"b"),
    )


def test_a_field_that_is_set_twice_is_sent_twice():
    fields = standing_fields("Test/1.0", (("X-A", "b"), ("X-A", "c")), "gzip")
    assert fields[-2:] == ((b"X-A", b"b"), (b"X-A", b"c"))


def test_fields_are_latin_1_on_the_wire():
    assert encode_field("If-None-Match", '"é"') == (b"If-None-Match", b'"\xe9"')
