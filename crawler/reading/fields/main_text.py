"""The kind ``main_text``: a part of the page's main text (:mod:`crawler.reading.main_text`).

The rule is the part's name: text, markdown, title, author, published, modified or language. The word
``thorough`` before it asks for that mode, as in ``thorough markdown``. A document is read once in each mode,
however many fields ask.
"""

from __future__ import annotations

from crawler.reading.document import Document
from crawler.reading.fields.kind import Place, ReadsAll
from crawler.reading.main_text import PARTS, MainText, read_main_text

THOROUGH = "thorough"


def check(rule: str) -> None:
    """ValueError with a sentence for people if the rule names no part."""
    compile(rule)


def compile(rule: str) -> MainTextReader:
    """The reader of a part; ValueError with a sentence for people if the rule names none."""
    *modes, part = rule.split() or [""]
    if part not in PARTS or modes not in ([], [THOROUGH]):
        raise ValueError(
            f"{rule!r} is no part of a main text. Write one of {', '.join(PARTS)}, with '{THOROUGH}' before "
            "it if that may take longer."
        )
    return MainTextReader(part, thorough=bool(modes))


class MainTextReader(ReadsAll):
    """Reads a part of the main text of the whole document."""

    def __init__(self, part: str, *, thorough: bool) -> None:
        self._part = part
        self._thorough = thorough

    def all(self, place: Place) -> list[str]:
        value: str = getattr(_main_text(place.document, self._thorough), self._part)
        return [value] if value else []


def _main_text(document: Document, thorough: bool) -> MainText:
    name = f"main text, {thorough}"
    if name not in document.derived:
        document.derived[name] = read_main_text(document, thorough=thorough)
    main_text: MainText = document.derived[name]
    return main_text
