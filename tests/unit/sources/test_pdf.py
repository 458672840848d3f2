"""PDF: text, pages and links; broken ones end with a sentence, deadly ones alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crawler.reading.reader import read_document
from crawler.reading.sources.pdf import MAX_PAGES
from crawler.reading.sources.source import Unreadable
from tests.fakeweb.documents import pdf
from tests.harness.environment import ROOT

BODY = pdf(["First page", "Second page"], title="A page", link="https://e.org/next")
READ_A_BOMB = """
from scheduler.process.memory_limit import limit_memory
from crawler.reading.reader import read_document
from tests.fakeweb.documents import pdf_bomb
limit_memory(500_000_000)
read_document(pdf_bomb(2_000_000_000), "application/pdf", "")
"""


@pytest.mark.parametrize("kind", ["application/pdf", "application/octet-stream", "text/html", ""])
def test_a_pdf_is_read_whatever_its_type_says(kind):
    document = read_document(BODY, kind, "")
    assert document.title == "A page"
    assert document.text == "First page Second page"
    assert list(document.hrefs) == ["https://e.org/next"]
    assert document.data["pages"] == ["First page", "Second page"]
    assert (document.data["author"], document.data["page_count"]) == ("Ann", 2)


def test_other_bytes_may_stand_before_it_if_its_type_says_pdf():
    assert read_document(b"\r\n<!-- -->" + BODY, "application/pdf", "").data["page_count"] == 2


def test_links_that_are_no_web_addresses_are_left_out():
    assert not read_document(pdf(["x"], link="javascript:alert"), "application/pdf", "").hrefs


def test_of_a_long_file_the_first_pages_are_read_and_all_are_counted():
    data = read_document(pdf(["words"] * (MAX_PAGES + 20)), "application/pdf", "").data
    assert (len(data["pages"]), data["page_count"]) == (MAX_PAGES, MAX_PAGES + 20)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (BODY[:200], "it is damaged"),
        (b"%PDF-1.7\n" + b"words " * 100, "it is damaged"),
        (b"<!doctype html><p>Log in", "it is no PDF"),
        (b"", "it is no PDF"),
    ],
)
def test_what_is_no_pdf_though_its_type_says_so_is_not_read(body, why):
    with pytest.raises(Unreadable, match=why):
        read_document(body, "application/pdf", "")


def test_a_pdf_that_takes_too_much_memory_ends_its_process_or_the_reading_and_nothing_else():
    child = subprocess.run([sys.executable, "-c", READ_A_BOMB], cwd=ROOT, capture_output=True, timeout=120)
    assert child.returncode != 0
