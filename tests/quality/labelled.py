"""Pages of our own making with their labels: what stands between ⟦ and ⟧ is the main text.

Main text is what the page was written for: headline, headings, paragraphs, lists, tables, code and captions;
the posts of a thread, the entries of a live page. It is not the byline, what others commented, links to other
pages, forms, or offers to subscribe. Labels are made from the pages alone, before any tool has read them.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parent / "pages"
_MARKS = re.compile("[⟦⟧]")
_TAG = re.compile(r"<[^>]*>")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")


@dataclass(frozen=True)
class LabelledPage:
    """A page and what is right about it."""

    name: str
    source: str
    text: str
    about: dict[str, str]  # title, author, published (a day), modified, language


def labelled_pages() -> list[LabelledPage]:
    """All of them, by name."""
    return [_page(file) for file in sorted(PAGES.glob("*.html"))]


def _page(file: Path) -> LabelledPage:
    head, _, marked = file.read_text(encoding="utf-8").partition("---\n")
    parts = re.findall("⟦(.*?)⟧", marked, re.DOTALL)
    text = html.unescape(_TAG.sub(" ", " ".join(parts)))
    about = dict(line.split(": ", 1) for line in head.splitlines())
    return LabelledPage(file.stem, _MARKS.sub("", marked), text, about)


def token_f1(text: str, right: str) -> float:
    """The harmonic mean of precision and recall of words; a character of Chinese or Japanese is one."""
    got, want = (Counter(_TOKEN.findall(each.lower())) for each in (text, right))
    both = (got & want).total()
    return 2 * both / (got.total() + want.total()) if both else 0.0
