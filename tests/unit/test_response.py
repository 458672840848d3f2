"""What a response means before its body is read."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.outcomes import Reason
from crawler.requests.exchange import FetchRequest
from crawler.requests.response import REDIRECTS, Failed, check_body, has_body, redirect_target
from tests.fakeweb.documents import ods, xlsx

BASE = "http://e.org/a/b"


def reads(status: int, kind: str = "", *, any_type: bool = False, **conditions: str) -> bool:
    request = FetchRequest(url=BASE, user_agent="Test/1.0", **conditions)
    headers = [("server", "x")] + ([("content-type", kind)] if kind else [])
    return has_body(request, status, headers, any_type=any_type)


def target(location: str) -> str:
    return redirect_target([("date", "x"), ("location", location), ("location", "/second")], BASE)


@pytest.mark.parametrize(
    ("status", "body"), [(200, True), (201, True), (203, True), (299, True), (204, False), (205, False)]
)
def test_a_good_answer_has_a_body_unless_its_status_says_none(status, body):
    assert reads(status, "text/html") is body


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_body_of_a_redirect_is_not_read(status):
    assert reads(status, "text/html") is False
    assert reads(status, "image/png") is False
    assert status in REDIRECTS


@pytest.mark.parametrize("status", [100, 206, 300, 304, 305, 306, 400, 404, 410, 429, 500, 503, 599, 999])
def test_other_answers_are_no_pages(status):
    with pytest.raises(Failed) as caught:
        reads(status, "text/html")
    assert caught.value.reason == f"http_{status}"


@pytest.mark.parametrize("conditions", [{"etag": '"a"'}, {"last_modified": "yesterday"}])
def test_nothing_new_is_an_answer_to_those_who_asked_for_news(conditions):
    assert reads(304, **conditions) is False
    assert reads(200, "text/html", **conditions) is True
    with pytest.raises(Failed):
        reads(404, **conditions)


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "TEXT/HTML; charset=utf-8",
        " text/plain",
        "text/anything",
        "application/xml",
        "application/xhtml+xml;charset=utf-8",
        "application/rss+xml ; charset=utf-8",
        "application/vnd.company.thing-2+xml",
        "textual",
        "nonsense",
        "text/html, text/html",
        "application/json",
        "application/vnd.api+json; charset=utf-8",
        "application/x-ndjson",
        "application/jsonl",
        "application/javascript",
        "application/csv",
    ],
)
def test_text_xml_json_and_what_nobody_can_read_are_pages(kind):
    assert reads(200, kind) is True


@pytest.mark.parametrize(
    "kind",
    [
        "application/pdf",
        "image/png",
        "image/svg+xml",
        "application/jsonish",
        "application/+json",
        "application/xml-dtd",
        "application/xmlish",
        "application/+xml",
        "application/octet-stream; x=text/html",
        "video/*",
    ],
)
def test_other_content_is_not_read_unless_any_is_wanted(kind):
    with pytest.raises(Failed, match="^" + kind[:8]) as caught:
        reads(200, kind)
    assert caught.value.reason == Reason.CONTENT_TYPE
    assert reads(200, kind, any_type=True) is True


FILES = [
    ("application/pdf", "/a", ""),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "/a", ""),
    ("application/vnd.oasis.opendocument.spreadsheet", "/a", ""),
    ("application/octet-stream", "/a.PDF?x=y.png", ""),
    ("binary/octet-stream", "/a%2Exlsx", ""),
    ("application/zip", "/download", 'attachment; filename="prices.xlsx"'),
    ("application/vnd.ms-excel", "/download?id=1", "attachment; filename*=UTF-8''Preise%20neu.ods"),
]


@pytest.mark.parametrize(("kind", "path", "disposition"), FILES)
def test_pdf_and_spreadsheets_are_read_for_those_who_want_files(kind, path, disposition):
    headers = [("content-type", kind), ("content-disposition", disposition)]
    request = FetchRequest(url=f"http://e.org{path}", user_agent="Test/1.0", files=True)
    assert has_body(request, 200, headers, any_type=False)
    with pytest.raises(Failed) as caught:
        has_body(msgspec.structs.replace(request, files=False), 200, headers, any_type=False)
    assert caught.value.reason == Reason.CONTENT_TYPE


@pytest.mark.parametrize(
    "kind", ["application/octet-stream", "application/vnd.ms-excel", "application/download"]
)
@pytest.mark.parametrize("name", ["prices.csv", "a.TSV", "x.json", "x.jsonl", "feed.xml"])
def test_texts_are_read_by_their_names_where_the_type_says_nothing(kind, name):
    request = FetchRequest(url=f"http://e.org/{name}", user_agent="Test/1.0")
    assert has_body(request, 200, [("content-type", kind)], any_type=False)


@pytest.mark.parametrize("name", ["a.zip", "a.png", "a.pdf.exe", "pdf", "a", ""])
def test_other_files_are_not_read_whoever_asks(name):
    request = FetchRequest(url=f"http://e.org/{name}", user_agent="Test/1.0", files=True)
    with pytest.raises(Failed):
        has_body(request, 200, [("content-type", "application/octet-stream")], any_type=False)


@pytest.mark.parametrize("body", [b"%PDF-1.7\n\x01", xlsx(), ods()])
@pytest.mark.parametrize("kind", ["", "text/html", "application/octet-stream"])
def test_files_that_are_read_pass_for_what_they_are(body, kind):
    check_body(body, kind)


def test_a_long_content_type_is_told_in_one_line():
    with pytest.raises(Failed) as caught:
        reads(200, "x/" + "y" * 9000)
    assert str(caught.value) == "x/" + "y" * 198


def test_the_status_comes_before_the_content_type():
    with pytest.raises(Failed) as caught:
        reads(404, "image/png")
    assert caught.value.reason == "http_404"


def test_without_a_content_type_the_body_decides():
    assert reads(200) is True
    for body in (b"", b"plain words", b"<html>\t\r\n\f\x1b[0m\xff\xe4", "größe".encode(), b"a" * 512 + b"\0"):
        check_body(body, "")


@pytest.mark.parametrize(
    "body", [b"\x89PNG\r\n\x1a\n\0", b"\0", b"%!PS-Adobe-3.0", b"PK\x03\x04", b"\x1f\x8b", b"a" * 511 + b"\0"]
)
def test_binary_data_without_a_type_is_no_page(body):
    with pytest.raises(Failed, match="no content type, and binary data") as caught:
        check_body(body, "")
    assert caught.value.reason == Reason.CONTENT_TYPE


@given(st.integers(0, 31))
def test_controls_that_text_has_are_those_of_the_standard(byte):
    """WHATWG MIME Sniffing, section 3: tab, line feed, form feed, carriage return and escape are text."""
    if bytes([byte]) in (b"\t", b"\n", b"\f", b"\r", b"\x1b"):
        check_body(bytes([byte]), "")
    else:
        with pytest.raises(Failed):
            check_body(bytes([byte]), "")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("http://f.org/x", "http://f.org/x"),
        ("/x?y#z", "http://e.org/x?y"),
        ("x", "http://e.org/a/x"),
        ("../x", "http://e.org/x"),
        ("?page=2", "http://e.org/a/b?page=2"),
        ("//f.org", "http://f.org/"),
        ("https://user:word@f.org/", "https://f.org/"),
        ("/gr\u00c3\u00b6\u00c3\u009fe", "http://e.org/gr%C3%B6%C3%9Fe"),  # UTF-8, as bytes are shown
        ("/gr\u00f6\u00dfe?q=\u00fc", "http://e.org/gr%F6%DFe?q=%FC"),  # Latin-1 goes back as it came
        ("/\u20ac", "http://e.org/%E2%82%AC"),
    ],
)
def test_where_a_redirect_leads(location, url):
    assert target(location) == url


@pytest.mark.parametrize(
    "location", ["javascript:void(0)", "ftp://f.org/", "http://", "http://[", "/" + "a" * 9000]
)
def test_a_redirect_to_what_cannot_be_requested(location):
    with pytest.raises(Failed) as caught:
        target(location)
    assert caught.value.reason == Reason.BAD_REDIRECT
    assert str(caught.value).startswith(repr(location[:200]))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("headers", [[], [("location", "")], [("content-location", "/x")]])
def test_a_redirect_that_leads_nowhere(headers):
    with pytest.raises(Failed, match="a redirect without a Location") as caught:
        redirect_target(headers, BASE)
    assert caught.value.reason == Reason.BAD_REDIRECT


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_whatever_a_server_sends_leads_to_the_web_or_fails(location):
    try:
        url = target(location)
    except Failed as error:
        assert error.reason == Reason.BAD_REDIRECT
    else:
        assert url.startswith(("http://", "https://"))
        assert url.isascii()
        assert "#" not in url
