"""One check for each part of a seed: what is kept, and what people are told about the rest."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.lanes import Lane
from crawler.policy import Scope
from crawler.seeds import check, checks, collection_checks


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ("http://e.org", "http://e.org/"),
        ("HTTPS://E.org:443/A?b=C#d", "https://e.org/A?b=C"),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
        ("http://e.org:8080/a/../b", "http://e.org:8080/b"),
        ("http://e.org/@somebody", "http://e.org/@somebody"),
        ("http://e.org/?to=a@b", "http://e.org/?to=a@b"),
    ],
)
def test_an_address_is_kept_as_it_will_be_requested(line, url):
    assert checks.address(line) == url
    assert checks.address(url) == url


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("e.org", "'e.org' has no http:// or https:// before it. Did you mean https://e.org?"),
        ("e.org:8080/a", "Did you mean https://e.org:8080/a?"),
        ("e.org:8080", "Did you mean https://e.org:8080?"),
        ("//e.org/a", "'//e.org/a' has no http:// or https:// before it. Did you mean https://e.org/a?"),
        ("e.org/@somebody", "Did you mean https://e.org/@somebody?"),
        ("e.org:8080/@somebody", "Did you mean https://e.org:8080/@somebody?"),
        ("", "has no http:// or https://"),
        ("ftp://e.org/", "'ftp://e.org/' cannot be crawled"),
        ("httpx://e.org/", "cannot be crawled"),
        ("javascript:void(0)", "cannot be crawled"),
        ("http://", "'http://' is not a web address"),
        ("https://[::1/", "is not a web address"),
        ("http://e.org:99999/", "is not a web address"),
        ("http://e.org/" + "a" * 8000, "is not a web address: the URL is too long"),
        ("http://user@e.org/", "'http://…@e.org/' holds a user name or password"),
        ("http://user:word@e.org/a", "'http://…@e.org/a' holds a user name or password"),
    ],
)
def test_what_is_no_address_is_explained(line, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        checks.address(line)
    assert len(str(caught.value)) < 600


BEFORE = [
    "",
    "//",
    "/",
    " ",
    "http://",
    "HTTP://",
    "https:",
    "http:\\\\",
    "http:/",
    " http://",
    "h\nttp://",
    "ftp://",
]
AFTER = ["e.org", "e.org/", "e.org:8080/a", "e.org:port/", "e.org/@a", "[::1", "e.org/" + "a" * 9000, ""]


@settings(deadline=None)
@given(
    before=st.sampled_from(BEFORE),
    name=st.sampled_from(["user:", ":", "a@b:", "user:1", "e.org:"]),
    more=st.text("/?#\\@: a1", max_size=4),
    after=st.sampled_from(AFTER),
)
def test_no_sentence_repeats_a_password(before, name, more, after):
    """Whatever is wrong with the address, and whichever characters the password has."""
    line = f"{before}{name}hunter2{more}@{after}"
    try:
        checks.address(line)
    except ValueError as error:
        assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    "line", ["http://8.8.8.8/", "http://e.org/", "https://[2606:4700::1111]/", "http://nothere.test/"]
)
def test_public_addresses_and_names_may_be_reached(line):
    assert checks.reachable(line, []) == line


def test_a_line_that_may_be_reached_stays_as_it_was_written():
    assert checks.reachable("HTTP://E.org#top", []) == "HTTP://E.org#top"


@pytest.mark.parametrize(
    ("line", "network"),
    [
        ("http://127.0.0.1:8000/", "127.0.0.0/8"),
        ("http://0x7f.1/", "127.0.0.1/32"),
        ("http://2130706433/", "127.0.0.1"),
        ("http://LOCALHOST/", "127.0.0.0/8"),
        ("http://shop.localhost:8000/", "127.0.0.0/8"),
        ("http://10.1.2.3/", "10.0.0.0/8"),
        ("http://169.254.169.254/", "169.254.0.0/16"),
        ("http://[::1]/", "::1/128"),
        ("http://[::ffff:10.0.0.1]/", "10.0.0.0/8"),
        ("http://[fd00::1]/", "fd00::/8"),
    ],
)
def test_other_addresses_need_their_network(line, network):
    for networks in ([], ["192.168.7.0/24"]):
        with pytest.raises(ValueError, match="is not on the public internet .*Networks that may be reached"):
            checks.reachable(line, networks)
    assert checks.reachable(line, ["192.168.7.0/24", network]) == line


@pytest.mark.parametrize("line", ["http://localhost.example/", "http://notlocalhost/", "http://10.example/"])
def test_a_name_that_looks_like_one_of_this_machine_is_a_name(line):
    assert checks.reachable(line, []) == line


def test_what_is_no_address_cannot_be_reached_either():
    with pytest.raises(ValueError, match="Did you mean"):
        checks.reachable("127.0.0.1", ["127.0.0.0/8"])


def test_usable_lines_are_kept_once_in_their_order_and_the_others_named():
    urls, problems = checks.usable("start URL", ["http://b.org", "a.org", "http://a.org/", "http://B.org/#x"])
    assert urls == ["http://b.org/", "http://a.org/"]
    assert problems == [
        "start URL: 'a.org' has no http:// or https:// before it. Did you mean https://a.org?"
    ]


@pytest.mark.parametrize("line", ["ref", "ref_*", "a.b", "größe", "filter[color]", "utm-source*"])
def test_names_of_parameters(line):
    assert checks.parameter(line) == line


@pytest.mark.parametrize("line", ["", "*", "re*f", "ref**", "a=b", "?ref", "a&b", "a b", "a#", "ref\n"])
def test_what_is_no_name_of_a_parameter(line):
    with pytest.raises(ValueError, match="is not the name of a parameter"):
        checks.parameter(line)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Accept-Language:de", "Accept-Language: de"),
        ("  X-A  :  b: c  ", "X-A: b: c"),
        ("X-Empty:", "X-Empty: "),
    ],
)
def test_headers_are_tidied(line, kept):
    assert checks.header(line) == kept


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Accept-Language de", "has no colon. Write 'Name: value'"),
        (": de", "cannot be the name of a header"),
        ("Host: e.org", "written by Crawlbeat itself"),
        ("User-Agent: x", "its own box"),
        ("X-A: b\nX-B: c", "characters that no header may have"),
    ],
)
def test_headers_that_cannot_be_sent(line, sentence):
    with pytest.raises(ValueError, match=sentence):
        checks.header(line)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("192.168.1.7", "192.168.1.7/32"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("FD00::1/8", "fd00::/8"),
    ],
)
def test_networks_are_kept_in_their_usual_form(line, kept):
    assert checks.network(line) == kept


@pytest.mark.parametrize("line", ["", "e.org", "10.0.0.0/33", "10.0.0", "fd00::/129", "10.0.0.1-10.0.0.9"])
def test_what_is_no_network(line):
    with pytest.raises(ValueError, match=r"is not a network\. Write it like"):
        checks.network(line)


@pytest.mark.parametrize(
    ("line", "name", "css"),
    [
        ("title = h1::text", "title", "h1::text"),
        ("title=h1", "title", "h1"),
        ("link = a[rel=next]::attr(href)", "link", "a[rel=next]::attr(href)"),
        ("größe_2 = .size", "größe_2", ".size"),
        ("a" * 60 + " = b", "a" * 60, "b"),
    ],
)
def test_a_field_is_a_name_and_a_selector(line, name, css):
    assert checks.field_line(line) == {"name": name, "css": css}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("title", "is not a field. Write 'name = selector'"),
        ("title =", "is not a field"),
        ("= h1", "is not a field"),
        ("2nd = h1", "'2nd' cannot be a field's name"),
        ("the title = h1", "cannot be a field's name"),
        ("a-b = h1", "cannot be a field's name"),
        ("a" * 61 + " = b", "cannot be a field's name"),
        ("title = h1[", "is not a CSS selector"),
        ("title = h1::nothing", "is not a CSS selector"),
    ],
)
def test_a_line_that_is_no_field_is_explained(line, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        checks.field_line(line)


def test_a_field_in_plain_form_is_checked_alike():
    assert collection_checks.field({"css": "h1", "name": "title"}) == {"name": "title", "css": "h1"}
    for plain, sentence in (
        ({"name": "title", "jq": ".h1"}, "'jq' is not a kind of field. The kinds are: css, xpath"),
        ({"name": "title"}, "is not a field"),
        ({"name": "ti tle", "css": "h1"}, "cannot be a field's name"),
        ({"name": "title", "css": ""}, "is not a CSS selector"),
    ):
        with pytest.raises(ValueError, match=sentence):
            collection_checks.field(plain)


def test_a_seeds_name_has_single_spaces():
    assert checks.name("  The\t shop \n of  e.org ") == "The shop of e.org"
    assert checks.name(" \n") == ""


def test_a_user_agent_is_plain_ascii():
    assert checks.user_agent(" Shopbot/1.0 (+https://e.org/bot) ") == "Shopbot/1.0 (+https://e.org/bot)"
    assert checks.user_agent("  ") == ""
    for value in ("Bücherbot/1.0", "bot\r\nX-A: b", "bot\x7f", "a\tb"):
        with pytest.raises(ValueError, match="letters without accents"):
            checks.user_agent(value)


@pytest.mark.parametrize("seconds", [1, 60, 366 * 86400])
def test_an_interval_is_a_second_to_a_year(seconds):
    assert checks.interval(seconds) == seconds


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (None, "Write how often"),
        (0, "Write how often"),
        (-60, "Write how often"),
        (366 * 86400 + 1, "at most 366 days"),
    ],
)
def test_intervals_that_are_none(seconds, sentence):
    with pytest.raises(ValueError, match=sentence):
        checks.interval(seconds)


def test_a_choice_is_one_of_its_words_or_numbers():
    assert checks.choice("host", Scope) == Scope.HOST
    assert checks.choice(2, Lane) == Lane.BULK
    for value, choices in (("HOST", Scope), ("", Scope), (None, Scope), ([], Scope), (3, Lane), ("2", Lane)):
        with pytest.raises(ValueError, match="is not a valid choice"):
            checks.choice(value, choices)


LONG = 200_000


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("include", "*a\n" * (LONG // 3)),
        ("exclude", "\n".join(f"re:/a{number}" for number in range(LONG // 8))),
        ("fields", [{"name": "t", "xpath": "a" * LONG}]),
        ("fields", [{"name": "t", "xpath": "-" * LONG + "1"}]),
        ("fields", [{"name": "t", "css": "::attr(" * (LONG // 7)}]),
        ("start_urls", "http:" + "/" * LONG),
        ("start_urls", "http://" + "a:" * (LONG // 2)),
        ("ignore_params", "a" * LONG + " "),
        ("headers", "a" * LONG + ":" + "b" * LONG),
    ],
)
def test_nothing_that_somebody_writes_takes_long_to_be_refused(field, written):
    began = time.process_time()
    check({field: written})
    assert time.process_time() - began < 2


def test_patterns_are_bounded_together_too():
    _, problems = check({"include": "\n".join(f"*/a-folder-{number}/*" for number in range(900))})
    assert [problem.field for problem in problems] == ["include"]
    assert "too many" in problems[0].text
