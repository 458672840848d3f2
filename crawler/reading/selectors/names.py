"""Names in markup: which are words that people chose, and which a build of the site made up.

A class such as ``css-1q8xk2``, ``sc-bdVaJa`` or ``_3fXk9`` is another one after the next release; ``price``
and ``product-title`` stay. Words of layout (``col-6``, ``mt-4``) and of state (``active``) say nothing of a
value.
"""

from __future__ import annotations

import re

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\d_A-Z]+|[A-Z]+|\d+")
_NAME = re.compile(r"[^\W\d][\w-]{1,39}")
_MADE_UP = re.compile(
    r"(?:css|sc|jss|jsx|svelte|astro|emotion|chakra|mui|ng|v|data-v|ember|react)-?[\w-]*\d[\w-]*"
)
_GROUPED = re.compile(r"[_-]+")
_VOWEL = re.compile(r"[aeiouyäöüáéíóúàèìòùâêîôûåø]|[^\x00-\x7f]", re.IGNORECASE)
_LONGEST_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6}")
_STATES = frozenset(
    [
        "active",
        "first",
        "last",
        "odd",
        "even",
        "selected",
        "current",
        "hidden",
        "visible",
        "open",
        "closed",
        "show",
        "in",
        "new-item",
        "loaded",
        "lazy",
        "lazyload",
        "lazyloaded",
        "focus",
        "hover",
        "disabled",
        "enabled",
        "clearfix",
        "left",
        "right",
        "center",
    ]
)
_LAYOUT = re.compile(
    r"(?:[mp][trblxyse]?|col|cols|row|g|gap|w|h|min|max|flex|grid|order|float|d|align|justify|items|text|bg|font|"
    r"leading|tracking|border|rounded|shadow|inline|block|relative|absolute|z|top|bottom|opacity|overflow|space|"
    r"container|wrapper|wrap|inner|outer|span|offset|xs|sm|md|lg|xl|uk|pure|small|large|is|has|js)(?:-[\w-]*)?"
)


def is_word(name: str) -> bool:
    """Whether a class or an id looks chosen by a person, and not made by a program or for layout."""
    return is_chosen(name) and name.lower() not in _STATES and not _LAYOUT.fullmatch(name.lower())


def is_chosen(name: str) -> bool:
    """Whether a name is made of what could be words: no hash, no running number."""
    if not _NAME.fullmatch(name) or _MADE_UP.fullmatch(name):
        return False
    return all(map(_is_group_of_words, filter(None, _GROUPED.split(name))))


def _is_group_of_words(group: str) -> bool:
    """A part of a name between hyphens: ``productTitle``, ``h1``, ``2``; not ``x7Kd`` or ``1q8xk2``."""
    if group.isdigit():
        return len(group) <= 2
    parts = _PARTS.findall(group)
    if sum(part.isdigit() for part in parts) > 1 or (parts[0].isdigit() and len(parts) > 1):
        return False
    letters = [part for part in parts if not part.isdigit()]
    if len(letters) > 1 and sum(len(part) for part in letters) / len(letters) < 3:
        return False  # bdVaJa: capitals after every second letter
    word = "".join(letters)
    if len(letters) < len(parts) and len(word) > 2 and not parts[-1].isdigit():
        return False
    return len(word) < 5 or (bool(_VOWEL.search(word)) and not _LONGEST_CONSONANTS.search(word.lower()))


def words_of(name: str) -> list[str]:
    """The words in a name, in lower case: ``productTitle`` and ``product-title`` have two."""
    return [part.lower() for part in _PARTS.findall(name)]
