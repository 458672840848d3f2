"""What a verdict is, and what its judges look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, cast
from urllib.parse import urlsplit

import msgspec
import re2
import turbohtml
from turbohtml import Element

from crawler.reading.document import Document
from crawler.reading.text import fold
from crawler.reading.verdicts.phrases import SIGNS

MOST_TEXT = 2000  # characters; what says more is a page
LITTLE_TEXT = 200  # characters; what says less is looked at twice, whatever it says
MOST_MARKUP = 200_000  # characters of scripts that are searched

_SIGNS = re2.compile(b"(?i)" + "|".join(map(re.escape, SIGNS)).encode())
_AROUND = "nav, header, footer, aside, form, script, style, noscript, template, [role=navigation]"
_SOURCES = "script[src], iframe[src], img[src], link[href]"
_WORD = re.compile(r"\w+")
_BETWEEN_PARTS = re.compile(r"\s+[|\-–—·•»:]+\s+|:\s+|\s*\|\s*")


class Verdict(msgspec.Struct, frozen=True):
    """What an answer is instead of a page."""

    kind: str  # the word of :data:`crawler.reading.verdicts.VERDICTS`
    evidence: tuple[str, ...]  # sentences for people, with the words or elements that show it


class Judge(Protocol):
    """A module that knows one verdict. It raises nothing and asks nobody."""

    def judge(self, answer: Answer) -> tuple[str, ...]:
        """The evidence that the answer is no page; none if that is not certain."""


def at_first_look(document: Document) -> bool:
    """Whether an answer may be no page: HTML that says little, with a word or element that pages lack."""
    tree, text = document.tree, document.text
    if tree is None or document.data is not None or len(text) > MOST_TEXT:
        return False
    if len(text) < LITTLE_TEXT:
        return True
    if _SIGNS.search(f"{document.title} {text}".replace("’", "'").encode()):
        return True
    return tree.select_one("input[type=password i]") is not None


@dataclass
class Answer:
    """An answer, and what judges ask of it, each read at most once."""

    document: Document
    url: str
    status: int | None
    final_url: str = ""

    @cached_property
    def tree(self) -> turbohtml.Document:
        return cast(turbohtml.Document, self.document.tree)

    @cached_property
    def title(self) -> str:
        return _plain(self.document.title)

    @cached_property
    def text(self) -> str:
        """What people read, in lower case."""
        return _plain(self.document.text)

    @cached_property
    def headings(self) -> list[str]:
        """The texts of its first headings, in lower case."""
        return [_plain(fold(each.text)) for each in self.tree.select("h1, h2")[:4]]

    @cached_property
    def title_parts(self) -> list[str]:
        """The parts of the title, such as that of the page and that of the site; the whole first."""
        return [self.title, *filter(None, _BETWEEN_PARTS.split(self.title))]

    @cached_property
    def words(self) -> int:
        """How many words people read; languages without spaces count two characters as one."""
        return count_words(self.text)

    @cached_property
    def own_text(self) -> str:
        """The text without menus, headers, footers and forms, in lower case."""
        copy = deepcopy(cast(Element, self.tree.root)).remove(f"{_AROUND}, head")
        return _plain(fold(" ".join(copy.stripped_strings)))

    @cached_property
    def links(self) -> int:
        return len(self.document.hrefs) + len(self.document.nofollow_hrefs)

    @cached_property
    def scripts(self) -> str:
        """The text of its inline scripts, one after another."""
        texts = (script.text for script in self.tree.find_all("script") if script.attr("src") is None)
        return "\n".join(texts)[:MOST_MARKUP]

    @cached_property
    def sources(self) -> list[str]:
        """The addresses of its scripts, frames, pictures and styles."""
        return [each.attr("src") or each.attr("href") or "" for each in self.tree.select(_SOURCES)]

    @cached_property
    def source_hosts(self) -> list[str]:
        return [host for source in self.sources if (host := host_of(source))]

    def first(self, selector: str) -> Element | None:
        """The first element that a selector of CSS matches."""
        return self.tree.select_one(selector)

    def text_of(self, selector: str) -> str:
        """The folded text of all elements that a selector matches, in lower case."""
        return fold(" ".join(each.text for each in self.tree.select(selector))).lower()


def _plain(text: str) -> str:
    """In lower case, with one kind of apostrophe."""
    return text.lower().replace("’", "'")


def host_of(address: str) -> str:
    """The host of an address as written, in lower case; empty if it names none."""
    try:
        return (urlsplit(address.strip()).hostname or "").lower()
    except ValueError:
        return ""


def count_words(text: str) -> int:
    """How many words a text has; two characters of a script without spaces count as one."""
    return sum(map(_size, _WORD.findall(text)))


def _size(word: str) -> int:
    return 1 if word.isascii() or ord(max(word)) < 0x2E80 else -(-len(word) // 2)


def quoted(text: str) -> str:
    """A text in a sentence of evidence, cut to a length that people read."""
    return f"“{text[:100]}”"


def phrases_in(text: str, phrases: tuple[str, ...]) -> Iterator[str]:
    """Those of the phrases that a text in lower case holds."""
    return (phrase for phrase in phrases if phrase in text)
