"""JSON and JSON Lines: by type and by bytes, with exact values, and bounded."""

from __future__ import annotations

import time

import pytest

from crawler.reading.document import Document
from crawler.reading.reader import read_document
from crawler.reading.sources.source import Unreadable
from crawler.reading.structured.json_value import MAX_DEPTH


def read(body: str | bytes, content_type: str = "application/json") -> Document:
    return read_document(body if isinstance(body, bytes) else body.encode(), content_type, "")


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/ld+json",
        "text/json",
        "text/javascript",
        "application/x-javascript",
        "text/html; charset=utf-8",
        "text/plain",
        "application/octet-stream",
        "",
    ],
)
def test_a_json_is_read_whatever_its_type_says(kind):
    assert read(' \r\n{"a": [1, "\\u00e9"]}\n', kind).data == {"a": [1, "é"]}


@pytest.mark.parametrize("text", ["{{ name }}<p>words", "[Home] <a href=/x>x</a>", "{a: 1}", "", "{"])
@pytest.mark.parametrize("kind", ["text/html", "text/plain", "text/javascript"])
def test_what_only_begins_like_json_is_the_text_that_it_was(text, kind):
    document = read(text, kind)
    assert document.data is None
    assert document.text == read(f"<!---->{text}", "text/html").text or kind != "text/html"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_it(encoding):
    assert read('{"a": "é"}'.encode(encoding)).data == {"a": "é"}


def test_its_text_shows_letters_and_not_their_numbers():
    assert read('{"a":\n"gr\\u00f6\\u00dfe"}').text == '{"a": "größe"}'


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("12", 12),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", "18446744073709551616"),
        ("9" * 5000, "9" * 5000),
        ("19.90", 19.9),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        ("1" + "0" * 400 + ".5", "1" + "0" * 400 + ".5"),
        ("NaN", None),
        ("-Infinity", None),
    ],
)
def test_numbers_are_exact_or_the_text_that_they_were(number, value):
    assert read(f'{{"a": {number}}}').data == {"a": value}


def test_nothing_in_it_is_refused_by_a_database():
    assert read('{"a\\u0000b": ["\\ud83d", "\\ud83d\\ude00", "x\\u0000"]}').data == {"ab": ["", "😀", "x"]}


@pytest.mark.parametrize("body", ["", "{", '{"a": 1', "<!doctype html><p>Log in", "nothing", '{"a": 1} {"b"'])
def test_what_is_no_json_though_its_type_says_so_is_not_read(body):
    with pytest.raises(Unreadable, match="The type is application/json, but this is no JSON: .*[a-z]"):
        read(body)


@pytest.mark.parametrize("opened", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 990, 100_000, 1_000_000])
def test_deep_nesting_is_refused_soon(opened, depth):
    closed = {"[": "]", '{"a":': "}", '[{"a":': "}]"}[opened]
    start = time.process_time()
    with pytest.raises(Unreadable, match="nested deeper than 200 levels"):
        read(opened * depth + "1" + closed * depth)
    assert time.process_time() - start < 5


def test_nesting_up_to_the_limit_is_read():
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH).data
    assert len(read(f"[{','.join(['[]'] * 1000)}]").data) == 1000


@pytest.mark.parametrize(
    "kind", ["application/x-ndjson", "application/jsonl", "application/json", "text/plain", ""]
)
def test_json_lines_are_a_list(kind):
    assert read('{"a": 1}\r\n\n{"a": 2}', kind).data == [{"a": 1}, {"a": 2}]


def test_of_json_lines_the_lines_that_can_be_read_count():
    assert read('{"a": 1}\n{"a": 2', "application/x-ndjson").data == [{"a": 1}]
    assert read("", "application/x-ndjson").data == []
    assert read('\x1e{"a": 1}\n\x1e2\n', "application/json-seq").data == [{"a": 1}, 2]
    with pytest.raises(Unreadable):
        read("no\nlines\n", "application/x-ndjson")


FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": " A  page ", "next_url": "/2", "items": [
    {"id": "1", "url": "https://e.org/1", "title": "One", "date_published": "2026-01-01T00:00:00Z",
     "authors": [{"name": "Ann"}], "tags": ["x"], "content_text": "words", "_own": 7}, 3]}"""


@pytest.mark.parametrize("kind", ["application/feed+json", "application/json"])
def test_a_json_feed_has_the_entries_of_any_feed(kind):
    document = read(FEED, kind)
    assert document.title == "A page"
    assert list(document.hrefs) == ["https://e.org/1", "/2"]
    (entry,) = document.data["entries"]
    assert (entry["title"], entry["link"], entry["author"]) == ("One", "https://e.org/1", "Ann")
    assert (entry["content"], entry["categories"]) == ("words", ["x"])
    assert document.data["items"][0]["_own"] == 7


def test_addresses_in_other_json_are_no_links():
    assert not read('{"next": "https://e.org/2", "items": ["https://e.org/3"]}').hrefs
