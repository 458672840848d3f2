"""The kind ``main_text``: a part of the page's main text (:mod:`crawler.reading.main_text`).

The rule is the part's name: text, markdown, title, author, published, modified or language. The word
``thorough`` before it asks for that mode, as in ``thorough markdown``. A document is read once in each mode,
however many fields ask.
"""

from __future__ import annotations

from functools import partial

from crawler.reading.document import Document
from crawler.reading.fields.kind import FieldReader, FieldValue
from crawler.reading.main_text import PARTS, read_main_text

THOROUGH = "thorough"


def check(rule: str) -> None:
    """ValueError with a sentence for people if the rule names no part."""
    compile(rule)


def compile(rule: str) -> FieldReader:
    """The reader of a part; ValueError with a sentence for people if the rule names none."""
    *modes, part = rule.split() or [""]
    if part not in PARTS or modes not in ([], [THOROUGH]):
        raise ValueError(
            f"{rule!r} is no part of a main text. Write one of {', '.join(PARTS)}, with '{THOROUGH}' before "
            "it if that may take longer."
        )
    return partial(_part, part, bool(modes))


def _part(part: str, thorough: bool, document: Document) -> FieldValue:
    main_text = document.main_texts.get(thorough)
    if main_text is None:
        main_text = document.main_texts[thorough] = read_main_text(document, thorough=thorough)
    return getattr(main_text, part) or None
