"""The thorough mode: trafilatura's reading beside that of the fast mode, and the better of the two.

Imported at first use: with what it needs, trafilatura takes half a second to load.
"""

from __future__ import annotations

import logging
from copy import deepcopy
from typing import Any

from trafilatura import bare_extraction
from trafilatura.xml import xmltotxt

from crawler.reading.document import Document
from crawler.reading.main_text.article import Article
from crawler.reading.text import fold, storable

MOST_HTML = 2_000_000  # characters, some 2 s; of more the fast mode's text is kept
_MOST_LOST, _MOST_MORE = 0.6, 1.6  # of the fast mode's words

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a page that it cannot read is no error


def read_thorough(document: Document, fast: Article) -> Article:
    """The better reading. Where they differ much, the fast one is better more often."""
    html = document.tree.html if document.tree is not None else ""
    if not html or len(html) > MOST_HTML:
        return fast
    article = read_alone(html)
    words, fast_words = len(article.text.split()), len(fast.text.split())
    if not words or not _MOST_LOST * fast_words <= words <= _MOST_MORE * max(1, fast_words):
        return fast
    return article


def read_alone(html: str) -> Article:
    """What trafilatura takes for the main text."""
    page: Any = bare_extraction(html, output_format="markdown", include_comments=False, with_metadata=False)
    if page is None:
        return Article("", "")
    markdown, text = (
        xmltotxt(deepcopy(page.body), include_formatting=formatted) for formatted in (True, False)
    )
    return Article(
        storable(markdown).strip(), storable("\n".join(filter(None, map(_line, text.splitlines()))))
    )


def _line(line: str) -> str:
    """A line of plain text; of a table without its rules."""
    return fold(line.replace("|", " ")).strip("- ") if line.startswith("|") else fold(line)
