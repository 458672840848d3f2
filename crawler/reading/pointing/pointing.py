"""What pointing gives, as plain values: they pass to another process and to a browser."""

from __future__ import annotations

from typing import Any

import msgspec


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that somebody may take for the element at which they point."""

    selector: str  # with its ending, as a rule of the kind ``css``
    why: str  # words for people
    matches: int  # on this page; of a field of items: the items that have it
    of: int = 0  # items of this page; 0: the rule is no field of items
    stored_matches: int = 0  # on stored pages of the same kind, in the unit of ``matches``
    stored_pages: int = 0  # of these, those on which it matches at all
    values: list[str] = []  # the first
    name: str = ""  # of the field or the collection, a guess
    type: str = "text"  # a guess


class Around(msgspec.Struct, frozen=True):
    """An element that holds the one at which somebody points."""

    number: int  # in document order
    words: str  # such as ``li.product``


class Pointing(msgspec.Struct, frozen=True, kw_only=True):
    """A page to point at, the collection so far, and what can be made of the element that was chosen."""

    problem: str = ""  # a sentence for people
    collection: dict[str, Any] | None = None  # its plain form
    at: int | None = None  # the number of the chosen element
    words: str = ""  # what it is
    in_item: bool = False
    around: list[Around] = []  # from the nearest outwards
    lists: list[Choice] = []  # it and all like it
    fields: list[Choice] = []
    items: int = 0
    stored: int = 0  # stored pages of the same kind that were looked at
    page: str = ""  # the rendering, HTML
