"""The main text of a page: what it was written for, without menus, advertisements and what others say.

Two modes. *Fast* looks at the tree that is there already. *Thorough* asks trafilatura too, which takes six
times as long, and keeps the better of the two; it is loaded at its first use.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from crawler.reading.document import Document
from crawler.reading.main_text.about import read_about
from crawler.reading.main_text.article import PARTS, Article, MainText, Mode
from crawler.reading.main_text.fast import read_fast

__all__ = ["PARTS", "MainText", "read_main_text"]

_Thorough = Callable[[Document, Article], Article]


def read_main_text(document: Document, *, thorough: bool = False) -> MainText:
    """The main text of a document; empty where nothing reads as one. Without a tree it is the whole text."""
    if document.tree is None:
        return MainText(title=document.title, markdown=document.text, text=document.text, mode="fast")
    article = read_fast(document.tree)
    about = read_about(document.tree, article.headline, document.title)
    mode: Mode = "fast"
    if thorough:
        read = cast(_Thorough, import_module("crawler.reading.main_text.thorough").read_thorough)
        article, mode = read(document, article), "thorough"
    return MainText(**about, markdown=article.markdown, text=article.text, mode=mode)
