"""Resolving by the WHATWG table, and the canonical form: one resource, one key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.rules.keys import Keys
from crawler.rules.urls import (
    MAX_LENGTH,
    BadUrl,
    canonical_url,
    host_of,
    in_page_encoding,
    origin_of,
    registrable_domain,
    resolve,
    url_fingerprint,
    without_credentials,
)

WPT = json.loads((Path(__file__).parent / "suites" / "url_wpt_http.json").read_text())


@pytest.mark.parametrize("row", WPT, ids=range(len(WPT)))
def test_resolves_as_the_whatwg_table_says(row):
    if row.get("failure"):
        with pytest.raises(BadUrl):
            resolve(row["input"], row["base"])
    else:
        assert resolve(row["input"], row["base"]) == row["href"].partition("#")[0]


@pytest.mark.parametrize("row", [row for row in WPT if row["base"]], ids=lambda row: row["input"][:30])
def test_an_outlink_is_what_resolving_gives(row):
    link = Keys().outlink(row["input"], row["base"])
    if row.get("failure"):
        assert link is None
        return
    url = without_credentials(row["href"].partition("#")[0])
    assert link is not None
    assert link.url == url
    assert link.fingerprint == url_fingerprint(canonical_url(url))
    assert link.origin == origin_of(url)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("http://example.org:80/", "http://example.org/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org:80/a", "https://example.org:80/a"),
        ("http://example.org./a", "http://example.org/a"),
        ("http://./a", "http://./a"),
        ("http://user:secret@example.org/a", "http://example.org/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://example.org/a/./b/../c", "http://example.org/a/c"),
        ("http://example.org/a/%2e%2E/c", "http://example.org/c"),
        ("http://example.org/%7euser/%c3%a9", "http://example.org/~user/%C3%A9"),
        ("http://example.org/é", "http://example.org/%C3%A9"),
        ("http://example.org/a%2fb", "http://example.org/a%2Fb"),
        ("http://example.org/a%20b", "http://example.org/a%20b"),
        ("http://example.org/f%28x%29|it's", "http://example.org/f(x)%7Cit%27s"),
        ("http://example.org/100%", "http://example.org/100%25"),
        ("http://example.org/?", "http://example.org/"),
        ("http://example.org/?#", "http://example.org/"),
        ("http://example.org/a#part", "http://example.org/a"),
        ("http://example.org/?b=2&a=1&b=1", "http://example.org/?b=2&a=1&b=1"),
        ("http://example.org/?&a=1&&b", "http://example.org/?a=1&b"),
        ("http://example.org/?q=%63at&r=%26", "http://example.org/?q=cat&r=%26"),
        ("http://example.org/?a=/b?c", "http://example.org/?a=/b?c"),
        ("http://example.org/a/", "http://example.org/a/"),
        ("http://example.org//a", "http://example.org//a"),
    ],
)
def test_canonical_form(url, canonical):
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://e.org/?utm_source=x&id=1&UTM_Medium=y", "http://e.org/?id=1"),
        ("http://e.org/?gclid=x", "http://e.org/"),
        ("http://e.org/?fbclid", "http://e.org/"),
        ("http://e.org/?utm%5Fsource=x", "http://e.org/"),
        ("http://e.org/?gclidx=1&source=utm_x", "http://e.org/?gclidx=1&source=utm_x"),
        ("http://e.org/?PHPSESSID=f0tt8vno1dpqqnjm2l3vlk3c5s&a=2", "http://e.org/?a=2"),
        ("http://e.org/?ASPSESSIONIDABCDEFGH=KDNFMPDCPMLBIGNBAHLDIGLI", "http://e.org/"),
        ("http://e.org/?jsessionid=9F2C40E3D6B14A7B8C9D0E1F2A3B4C5D.node1", "http://e.org/"),
        ("http://e.org/?CFID=1234&x=1&CFTOKEN=87654321", "http://e.org/?x=1"),
        ("http://e.org/?pk_campaign=a&mtm_source=b&hsa_acc=c&piwik_kwd=d", "http://e.org/"),
        ("http://e.org/?sid=0123456789abcdef0123456789ABCDEF", "http://e.org/"),
        ("http://e.org/?sid=17", "http://e.org/?sid=17"),
        ("http://e.org/a;jsessionid=1A2b.node?x=1", "http://e.org/a?x=1"),
        ("http://e.org/a;v=1;JSESSIONID=1/b", "http://e.org/a;v=1/b"),
        ("http://e.org/(S(lit3py55t21z5v55vlm25s55))/a.aspx", "http://e.org/a.aspx"),
        ("http://e.org/Foo_(bar)/a", "http://e.org/Foo_(bar)/a"),
    ],
)
def test_tracking_and_session_ids_are_dropped(url, canonical):
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "name",
    [
        *("sessionid", "SessionID", "cfid", "zenid", "pk_id", "pk_product", "mtm_code", "hsa_model", "epik"),
        *("wickedid", "phpsessid", "aspsessionid", "sid", "session_id", "session", "id"),
    ],
)
@pytest.mark.parametrize("value", ["100", "2024-keynote-opening", "introduction"])
def test_a_parameter_that_may_choose_a_page_is_kept(name, value):
    url = f"http://e.org/talk?{name}={value}"
    assert canonical_url(url) == url


@pytest.mark.parametrize("query", ["C=N;O=D", "C=M;O=A", "C=S&O=A", "C=D&O=D"])
def test_the_order_of_a_listing_of_files_is_dropped(query):
    assert canonical_url(f"http://e.org/files/?{query}") == "http://e.org/files/"
    for other in (f"http://e.org/files?{query}", f"http://e.org/files/?{query}&p=2"):
        assert canonical_url(other) == other


def test_a_seed_can_extend_the_list_of_dropped_parameters():
    url = "http://e.org/?ref=home&my_a=1&my_b=2&x=3"
    assert canonical_url(url, ("ref", "my_*")) == "http://e.org/?x=3"
    assert Keys(("ref", "my_*")).outlink(url, "http://e.org/").fingerprint == url_fingerprint(
        "http://e.org/?x=3"
    )


def test_a_seed_can_drop_a_session_parameter_whatever_its_value():
    url = "http://e.org/?sid=17&session_id=x&x=3"
    assert canonical_url(url, ("SID", "session_*")) == "http://e.org/?x=3"
    assert canonical_url(url) == url


PIECES = st.sampled_from(
    [
        *(
            "/",
            "//",
            ".",
            "..",
            "%2e",
            "%2E",
            "%",
            "%4",
            "%41",
            "%25",
            "%zz",
            "?",
            "&",
            "=",
            ";",
            "#",
            "@",
            ":",
        ),
        *(
            "a",
            "é",
            "ツ",
            " ",
            "\t",
            "\\",
            "'",
            "(",
            ")",
            "[",
            "|",
            "+",
            "utm_source=x",
            "gclid",
            "sid=" + "a" * 32,
        ),
        *(";jsessionid=", "/(S(x))/", "PHPSESSID=" + "1" * 20, "://", "http:", "\ud800"),
    ]
)
HOSTS = st.sampled_from(
    ["a", "A.b", "a.", "a..", "u:p@h", "1.2.3.4.", "[::1]:80", "h:8080", "é.fr", "xn--a", "0x4.."]
)


@given(st.sampled_from(["http://", "https://"]), HOSTS, st.lists(PIECES, max_size=12))
@example("http://", "a", ["/", "a", "/", "..", ";jsessionid=", "/", "b"])
@example("http://", "a", ["/", "%", "%4", "%41"])
def test_the_canonical_form_is_idempotent(scheme, host, pieces):
    try:
        once = canonical_url(scheme + host + "/" + "".join(pieces))
    except BadUrl:
        return
    assert canonical_url(once) == once
    assert resolve(once) == once


def test_the_url_to_request_stays_as_found():
    link = Keys().outlink("/%7Eu?utm_source=x&b=1#top", "http://example.org/")
    assert link.url == "http://example.org/%7Eu?utm_source=x&b=1"
    assert link.fingerprint == url_fingerprint("http://example.org/~u?b=1")
    assert link.origin == "http://example.org:80"


@pytest.mark.parametrize(
    "href", ["mailto:a@b.c", "javascript:void(0)", "data:,x", "ftp://e.org/", "http://a b/", "tel:1"]
)
def test_what_cannot_be_requested_is_no_outlink(href):
    assert Keys().outlink(href, "http://example.org/") is None


def test_length_is_limited_before_and_after_encoding():
    assert len(resolve("http://e.org/" + "a" * (MAX_LENGTH - 13))) == MAX_LENGTH
    for path in ("a" * MAX_LENGTH, "é" * (MAX_LENGTH // 2)):
        with pytest.raises(BadUrl):
            resolve("http://e.org/" + path)
        assert Keys().outlink("/" + path, "http://e.org/") is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://example.org/a:b@c", "http://example.org:80"),
        ("https://example.org/", "https://example.org:443"),
        ("https://u:p@example.org.:8443/", "https://example.org:8443"),
        ("http://[::1]/", "http://[::1]:80"),
    ],
)
def test_origin_always_names_the_port(url, origin):
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("href", "encoding", "url"),
    [
        ("/é?q=é#é", "windows-1252", "http://e.org/%C3%A9?q=%E9"),
        ("/?q=ツ", "shift_jis", "http://e.org/?q=%83c"),
        ("/?q=ツ&é", "windows-1252", "http://e.org/?q=%26%2312484%3B&%E9"),
        ("/?q=é", "utf-8", "http://e.org/?q=%C3%A9"),
        ("/?q=é", "utf-16-le", "http://e.org/?q=%C3%A9"),
        ("/é#?é", "windows-1252", "http://e.org/%C3%A9"),
    ],
)
def test_a_query_is_sent_in_the_encoding_of_its_page(href, encoding, url):
    assert resolve(in_page_encoding(href, encoding), "http://e.org/") == url


def test_host_of():
    assert host_of("https://u@example.org.:8443/a:b") == "example.org"
    assert host_of("http://[::1]/") == "[::1]"


@given(st.text())
def test_fingerprints_fit_a_signed_bigint(text):
    assert -(2**63) <= url_fingerprint(text.encode("utf-8", "replace").decode()) < 2**63


def test_fingerprints_never_change():
    assert url_fingerprint("http://example.org/") == 4654873767771525413  # stored in databases


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.shop.example.co.uk", "example.co.uk"),
        ("a.b.github.io", "b.github.io"),
        ("github.io", "github.io"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("www.xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("www.example.org.", "example.org"),
    ],
)
def test_registrable_domain(host, domain):
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("http://user:secret@e.org/a@b", "http://e.org/a@b"),
        ("http://user@e.org:81/", "http://e.org:81/"),
        ("http://:p%40@[::1]/?q=@", "http://[::1]/?q=@"),
        ("http://e.org/@user", "http://e.org/@user"),
    ],
)
def test_links_lose_user_and_password(url, clean):
    assert without_credentials(url) == clean
    link = Keys().outlink(url, "http://e.org/")
    assert link is not None
    assert link.url == clean
