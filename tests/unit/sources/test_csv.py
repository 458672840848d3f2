"""CSV and TSV: delimiters, quotes, headings, charsets, and what only looks like a table."""

from __future__ import annotations

import pytest

from crawler.reading.reader import read_document
from crawler.reading.sources.source import Unreadable

ROWS = [{"name": "a", "price": "1"}, {"name": "b", "price": "2,5"}]


def data(body: str | bytes, content_type: str = "text/csv") -> object:
    return read_document(body if isinstance(body, bytes) else body.encode(), content_type, "").data


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("kind", ["text/csv", "application/csv", "application/octet-stream", "text/plain"])
def test_the_first_lines_say_what_parts_the_columns(sign, end, kind):
    assert data(end.join([f"name{sign}price", f"a{sign}1", f'b{sign}"2,5"', ""]), kind) == ROWS


def test_a_type_or_a_line_of_excel_s_says_it_too():
    assert data("a;b\tc\n1;2\t3\n", "text/tab-separated-values") == [{"a;b": "1;2", "c": "3"}]
    assert data("sep=;\na,b;c\n1,2;3\n") == [{"a,b": "1,2", "c": "3"}]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("name;größe\na;1\n".encode(), "text/csv"),
        ("name;größe\na;1\n".encode("utf-8-sig"), "text/csv"),
        ("name;größe\na;1\n".encode("utf-16"), "text/csv"),
        ("name;größe\na;1\n".encode("windows-1252"), "text/csv; charset=windows-1252"),
    ],
)
def test_letters_are_read_in_their_encoding(body, kind):
    assert data(body, kind) == [{"name": "a", "größe": "1"}]


def test_quotes_hold_signs_lines_and_quotes():
    assert data('a,b\n"x, ""y""\nz",1\n') == [{"a": 'x, "y"\nz', "b": "1"}]


def test_every_column_has_a_name_of_its_own():
    assert data("\n,,\na,,a,column_2\n1,2,3,4\n5\n1,2,3,4,6\n") == [
        {"a": "1", "column_2": "2", "a_2": "3", "column_2_2": "4"},
        {"a": "5", "column_2": None, "a_2": None, "column_2_2": None},
        {"a": "1", "column_2": "2", "a_2": "3", "column_2_2": "4", "column_5": "6"},
    ]


@pytest.mark.parametrize("body", ["", "\n\n", "only,headings\n"])
def test_without_rows_there_are_no_objects(body):
    assert data(body) == []


def test_one_column_is_a_table_where_the_type_says_so():
    assert data("name\na\nb\n") == [{"name": "a"}, {"name": "b"}]
    assert data("name\na\nb\n", "text/plain") is None


@pytest.mark.parametrize(
    "text",
    ["Dear reader,\nthis is prose; it goes on.\n", "one line, with a comma", "<p>a,b\n<p>c,d", "words"],
)
def test_prose_is_no_table(text):
    assert data(text, "text/plain") is None
    assert read_document(text.encode(), "text/plain", "").text == " ".join(text.split())


def test_a_table_with_a_quote_that_does_not_end_loses_no_row_before_it():
    assert data('a,b\n1,2\n"3,4\n5,6\n')[0] == {"a": "1", "b": "2"}


TOO_MUCH = ["a,b\n" * 600_000, "a\n" + "x," * 1_100_000, "a," * 1_100_000, 'a,b\n"' + "x" * 1_100_000]


@pytest.mark.parametrize("body", TOO_MUCH, ids=["rows", "columns", "headings", "cell"])
def test_too_much_is_refused_with_a_sentence(body):
    with pytest.raises(Unreadable, match="more than 1,000,000 cells|field larger than"):
        data(body)
