"""What the modes find, and what is handed out."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

Mode = Literal["fast", "thorough"]


class Article(NamedTuple):
    """The main text as one mode finds it."""

    markdown: str
    text: str  # plain, a block a line
    headline: str = ""  # its first heading


class MainText(msgspec.Struct, frozen=True, kw_only=True):
    """The main text of a page and what the page says about it; what it does not say is empty."""

    title: str = ""
    author: str = ""  # several are separated by a comma
    published: str = ""  # ISO 8601, with a time only if the page gives one
    modified: str = ""
    language: str = ""  # a tag of BCP 47, as the page declares it
    markdown: str = ""
    text: str = ""
    mode: Mode = "fast"


PARTS = ("text", "markdown", "title", "author", "published", "modified", "language")
"""The parts that a rule may ask for."""
