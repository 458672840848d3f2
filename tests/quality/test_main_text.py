"""How well the main text of labelled pages is read, and by trafilatura alone; floors are what was seen."""

from __future__ import annotations

from statistics import mean

import pytest

from crawler.reading.document import Document
from crawler.reading.main_text import MainText, read_main_text
from crawler.reading.main_text.thorough import read_alone
from crawler.reading.reader import read_document
from tests.quality.labelled import LabelledPage, labelled_pages, token_f1

WORST = 0.5  # of any page
FAST_MEAN, THOROUGH_MEAN = 0.96, 0.95
DAYS = 10  # characters of a date without its time

Scores = dict[str, dict[str, float]]


def document_of(page: LabelledPage) -> Document:
    return read_document(page.source.encode(), "text/html; charset=utf-8", "testbot")


def read(page: LabelledPage, *, thorough: bool = False) -> MainText:
    return read_main_text(document_of(page), thorough=thorough)


@pytest.fixture(scope="module")
def scores() -> Scores:
    """By page and by way of reading, printed as a table (pytest -s)."""
    table = {}
    for page in labelled_pages():
        texts = {
            "fast": read(page).text,
            "thorough": read(page, thorough=True).text,
            "trafilatura": read_alone(page.source).text,
        }
        table[page.name] = {way: token_f1(text, page.text) for way, text in texts.items()}
        print(f"{page.name:24}", *(f"{way} {score:.3f}" for way, score in table[page.name].items()))
    return table


def _mean(scores: Scores, way: str) -> float:
    return mean(page[way] for page in scores.values())


def test_both_modes_are_no_worse_than_trafilatura_alone(scores: Scores) -> None:
    alone = _mean(scores, "trafilatura")
    assert _mean(scores, "fast") >= max(alone, FAST_MEAN)
    assert _mean(scores, "thorough") >= max(alone, THOROUGH_MEAN)


def test_no_page_is_read_badly(scores: Scores) -> None:
    assert {name for name, page in scores.items() if min(page["fast"], page["thorough"]) < WORST} == set()


@pytest.mark.parametrize("part", ["title", "author", "published", "modified", "language"])
def test_what_a_page_says_about_its_text_is_read(part: str) -> None:
    wrong = {}
    for page in labelled_pages():
        value = getattr(read(page), part)
        if (value[:DAYS] if part in ("published", "modified") else value) != page.about.get(part, ""):
            wrong[page.name] = value
    assert wrong == {}


def test_there_are_enough_pages_in_enough_languages() -> None:
    pages = labelled_pages()
    assert len(pages) >= 24
    assert {page.about["language"][:2] for page in pages} >= {"en", "de", "fr", "ru", "ja", "ar"}
