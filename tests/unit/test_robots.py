"""robots.txt: the rows of Google's RFC 9309 suite, the status rules, and what hostile files must not do."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.rules.robots import Robots, agent_token
from crawler.sizes import ROBOTS_BYTES

SUITE = json.loads((Path(__file__).parent / "suites" / "robots_rfc9309_google.json").read_text())
UA = "Crawlbeat/0.1 (+https://crawler.example/)"


def rules(*lines: str) -> Robots:
    return Robots.parse("\n".join(("User-agent: *", *lines)))


@pytest.mark.parametrize("row", SUITE, ids=lambda row: f"{row['id']}-{row['test']}")
def test_google_suite(row):
    assert Robots.parse(row["robots"]).allowed(row["url"], row["agent"]) is row["allowed"]


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        (UA, "Crawlbeat"),
        ("Crawlbeat", "Crawlbeat"),
        ("my-bot_x/2.1", "my-bot_x"),
        ("Mozilla/5.0 (compatible; Crawlbeat/0.1; +https://crawler.example/)", "Crawlbeat"),
        ("Mozilla/5.0 (X11; Linux)", "Mozilla"),
        ("", ""),
        ("/1", ""),
    ],
)
def test_agent_token(user_agent, token):
    assert agent_token(user_agent) == token


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 499])
def test_unavailable_allows_everything(status):
    robots = Robots.from_response(status, b"User-agent: *\nDisallow: /")
    assert robots.allowed("http://e.org/a", UA)
    assert not robots.unreachable


@pytest.mark.parametrize("status", [500, 502, 503, 599, None, 600, 100])
def test_unreachable_allows_nothing(status):
    robots = Robots.from_response(status, b"")
    assert robots.unreachable
    assert not robots.allowed("http://e.org/a", UA)
    assert robots.rule("http://e.org/a", UA) == "robots.txt could not be reached"


def test_success_has_its_own_rules():
    robots = Robots.from_response(200, b"User-agent: *\nDisallow: /x")
    assert not robots.allowed("http://e.org/x", UA)
    assert robots.allowed("http://e.org/y", UA)
    assert Robots.from_response(204, b"").allowed("http://e.org/x", UA)


def test_redirects_without_end_count_as_unavailable():
    assert Robots.from_response(302, b"").allowed("http://e.org/x", UA)


def test_the_whole_user_agent_is_matched_by_its_token():
    robots = Robots.parse("User-agent: crawlbeat\nDisallow: /x\n\nUser-agent: *\nDisallow: /")
    assert robots.allowed("http://e.org/y", UA)
    assert not robots.allowed("http://e.org/x", UA)
    assert not robots.allowed("http://e.org/y", "Crawlbeats/1")


def test_robots_txt_itself_is_always_allowed():
    assert rules("Disallow: /").allowed("http://e.org/robots.txt", UA)


@pytest.mark.parametrize(
    ("pattern", "url", "matches"),
    [
        ("/a*b", "http://e.org/a/x/b/c", True),
        ("/a*b", "http://e.org/ab", True),
        ("/a**b", "http://e.org/axb", True),
        ("/a*b*b", "http://e.org/ab", False),
        ("/*.pdf$", "http://e.org/x.pdf", True),
        ("/*.pdf$", "http://e.org/x.pdf?a", False),
        ("/*.pdf$", "http://e.org/.pdf.pdf", True),
        ("/a*a$", "http://e.org/a", False),
        ("/a*$", "http://e.org/ab", True),
        ("/$", "http://e.org", True),
        ("/$", "http://e.org/a", False),
        ("*/b", "http://e.org/a/b", True),
        ("*", "http://e.org/", True),
        ("/a$b", "http://e.org/a$b", True),
        ("/a%2Ab", "http://e.org/a*b", True),
        ("/a%24", "http://e.org/a$", True),
        ("/?id=", "http://e.org/?id=3", True),
        ("/?id=", "http://e.org?id=3", True),
        ("/a#b", "http://e.org/a", True),
        ("/a%c3%a9", "http://e.org/a%C3%A9", True),
        ("/aé", "http://e.org/a%c3%a9", True),
        ("/private/", "http://e.org/%70rivate/", True),
        ("/a/b", "http://e.org/a%2Fb", False),
        ("x", "http://e.org/x", False),
        ("/%7E", "http://e.org/~bob", True),
        ("/%7e", "http://e.org/%7Ebob", True),
        ("/foo/%62%61%7A", "http://e.org/foo/baz", True),
        ("/a%2Fb", "http://e.org/a/b", False),
        ("/{{product.url}}", "http://e.org/%7B%7Bproduct.url%7D%7D", True),
        ("/a<b", "http://e.org/a%3Cb", True),
        ('/*"', "http://e.org/a%22", True),
        ("/?q='", "http://e.org/?q=%27x", True),
        ("/o'b", "http://e.org/o'brien", True),
        ("/a b", "http://e.org/a%20b", True),
        ("/a^b", "http://e.org/a^b", True),
        ("/a|b", "http://e.org/a|b", True),
    ],
)
def test_patterns(pattern, url, matches):
    assert rules(f"Disallow: {pattern}").allowed(url, UA) is not matches


def test_a_rule_that_allows_is_read_as_it_is_written():
    """The encoded spelling opens nothing: a row of Google's suite."""
    robots = rules("Disallow: /", "Allow: /%7Ebob")
    assert not robots.allowed("http://e.org/~bob", UA)


def test_a_rule_of_two_spellings_is_shown_once():
    assert rules("Disallow: /%7Ebob").rules(UA) == ("Disallow: /%7Ebob (line 2)",)


def test_the_line_that_decided_is_named():
    robots = rules("Disallow: /a", "Allow: /a/b")
    assert robots.rule("http://e.org/a/b", UA) == "Allow: /a/b (line 3)"
    assert robots.rule("http://e.org/a/c", UA) == "Disallow: /a (line 2)"
    assert robots.rule("http://e.org/b", UA) == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\0"])
def test_line_ends_byte_order_mark_and_nul(start, end):
    body = (
        start + end.join(["User-agent: *", "", "# x", "  DisAllow :\t/a\0 # why", "Crawl-delay: 2"]).encode()
    )
    robots = Robots.parse(body)
    assert not robots.allowed("http://e.org/a", UA)
    assert robots.allowed("http://e.org/b", UA)
    assert robots.crawl_delay(UA) == 2


def test_octets_that_are_not_utf8_match_themselves():
    assert not Robots.parse(b"User-agent: *\nDisallow: /caf\xe9").allowed("http://e.org/caf%E9", UA)


def test_only_the_first_500_kib_are_read_and_no_half_line():
    head = b"User-agent: *\nDisallow: /first\n"
    filler = b"#" * (ROBOTS_BYTES - len(head) - len(b"\nDisallow: /"))
    robots = Robots.parse(head + filler + b"\nDisallow: /half\nDisallow: /late\n")
    assert not robots.allowed("http://e.org/first", UA)
    assert robots.allowed("http://e.org/half", UA)
    assert robots.allowed("http://e.org/late", UA)


def test_crawl_delay_belongs_to_its_group():
    robots = Robots.parse(
        "User-agent: crawlbeat\nCrawl-delay: 2.5\nDisallow: /x\nUser-agent: *\nCrawl-delay: 10\nDisallow:\n"
    )
    assert robots.crawl_delay(UA) == 2.5
    assert robots.crawl_delay("Other/1") == 10
    assert Robots.parse("").crawl_delay(UA) is None


@pytest.mark.parametrize("value", ["", "soon", "-1", "nan", "inf", "1e999", "10 s"])
def test_crawl_delay_that_is_no_number(value):
    assert rules(f"Crawl-delay: {value}").crawl_delay(UA) is None


def test_sitemaps_belong_to_no_group_and_end_none():
    robots = Robots.parse(
        "Sitemap: http://e.org/1.xml\nUser-agent: a\nsitemap:http://e.org/2.xml\nUser-agent: *\nDisallow: /\n"
        "Sitemap: http://e.org/1.xml\n"
    )
    assert robots.sitemaps == ("http://e.org/1.xml", "http://e.org/2.xml")
    assert not robots.allowed("http://e.org/", "a")


@given(st.binary(max_size=300), st.text(max_size=40))
def test_nothing_raises(body, path):
    robots = Robots.parse(b"User-agent: *\nDisallow: " + body)
    assert robots.allowed("http://e.org/" + path, UA) in (True, False)
    assert isinstance(robots.rule("http://e.org/" + path, UA), str)


ATOMS = st.lists(st.sampled_from(["a", "b", "ab", "*", "/", "$"]), max_size=8)


@given(ATOMS, st.text(alphabet="ab/", max_size=10))
def test_matching_agrees_with_a_backtracking_matcher(atoms, tail):
    import re

    pattern, path = "/" + "".join(atoms), "/" + tail
    body, anchored = (pattern[:-1], True) if pattern.endswith("$") else (pattern, False)
    regex = "".join(".*" if char == "*" else re.escape(char) for char in body) + ("$" if anchored else "")
    assert rules(f"Disallow: {pattern}").allowed("http://e.org" + path, UA) is (re.match(regex, path) is None)


def test_hostile_patterns_take_linear_time():
    stars = rules("Disallow: /" + "a*" * 200_000 + "b")
    many = rules(*["Disallow: /*a*b*c$"] * 20_000)
    began = time.process_time()
    assert stars.allowed("http://e.org/" + "a" * 8_000, UA)
    assert many.allowed("http://e.org/" + "ab" * 100, UA)
    assert time.process_time() - began < 2  # a backtracking matcher does not end


@pytest.mark.parametrize(
    "rules",
    [
        "Disallow: /" + "*a" * 200_000 + "b\n",
        ("Disallow: /" + "*a" * 40 + "*b\n") * 5000,
        "Disallow: /*zz\n" * 30_000,
        ("Disallow: /*" + "a" * 400 + "b\n") * 1100,
    ],
)
def test_no_file_makes_a_url_slow(rules):
    robots = Robots.parse("User-agent: *\n" + rules)
    began = time.process_time()
    assert robots.allowed("http://e.org/" + "a" * 7_900, "Crawlbeat")
    assert time.process_time() - began < 2
