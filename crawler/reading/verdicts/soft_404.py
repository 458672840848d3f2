"""The verdict ``soft_404``: a page that says there is no such page, with a status that says there is.

Bar-Yossef et al., "Sic transit gloria telae" (WWW 2004), found that a quarter of dead links answer so. Here
only what the page itself says counts; the answer of its site to a made-up address is not asked for.
"""

from __future__ import annotations

import re

from crawler.reading.verdicts.answer import Answer, count_words, phrases_in, quoted
from crawler.reading.verdicts.phrases import NOT_FOUND_SENTENCES, NOT_FOUND_STATEMENTS, NOT_FOUND_TITLES

MOST_WORDS = 100  # beside menus, header and footer
FEW_WORDS = 25
MOST_BESIDE_STATEMENT = 60
MOST_IN_STATEMENT = 15  # words of a title, heading or opening that says so in a sentence
_CONTENT = (
    "pre, code, [itemprop=price], [itemprop=articleBody], meta[property='og:type'][content=product],"
    " meta[property='og:type'][content=article], meta[property^='product:'], meta[property^='music'],"
    " time[datetime], audio, input[type=password]"
)
_TITLES = frozenset(NOT_FOUND_TITLES)
_MAY_BE_NAMES = frozenset((None, "404", "oops", "not found"))
"""Titles that a band or a book has too: they need a sentence beside them."""
_SIGNS = re.compile(r"[^\w'’]+")
_POLITE = re.compile(r"^(?:oops|sorry|ups|désolé|entschuldigung|uh oh|whoops|hoppla|we're sorry) ")


def judge(answer: Answer) -> tuple[str, ...]:
    """The evidence: title and heading say so, or one of them and a sentence; and little else is there."""
    if answer.status is not None and not 200 <= answer.status < 300:
        return ()
    title = next(filter(_says_not_found, answer.title_parts), None)
    heading = next(filter(_says_not_found, answer.headings), None)
    if title is None and heading is None and not _first_statement(answer):
        return ()
    words = count_words(answer.own_text)
    if words > MOST_WORDS or answer.first(_CONTENT) is not None:
        return ()
    evidence = [f"The title has {quoted(title)}."] if title else []
    evidence += [f"The heading is {quoted(heading)}."] if heading else []
    if not evidence:
        evidence.append(f"It begins with {quoted(_first_statement(answer))}.")
    rest = answer.text.replace(heading, " ") if heading else answer.text
    if sentence := next(phrases_in(rest, NOT_FOUND_SENTENCES), None):
        evidence.append(f"The text has {quoted(sentence)}.")
    unclear = words > FEW_WORDS or {title, heading} <= _MAY_BE_NAMES
    stated = words <= MOST_BESIDE_STATEMENT and heading is not None and _is_whole_statement(heading)
    if not stated and (len(evidence) < 2 or (sentence is None and unclear)):
        return ()
    return (*evidence, f"Beside menus it has {words} words.")


def _says_not_found(text: str) -> bool:
    """Whether a title or heading, its signs and apologies aside, is one that says so."""
    plain = _SIGNS.sub(" ", text).strip()
    if plain in _TITLES or _POLITE.sub("", plain) in _TITLES:
        return True
    return count_words(plain) <= MOST_IN_STATEMENT and any(phrases_in(plain, NOT_FOUND_STATEMENTS))


def _is_whole_statement(heading: str) -> bool:
    """Whether a heading names the page that is not there and says what became of it."""
    named = any(phrases_in(heading, NOT_FOUND_STATEMENTS))
    return named and any(phrases_in(heading, NOT_FOUND_SENTENCES))


def _first_statement(answer: Answer) -> str:
    """What a page without headings begins with, if that says that another is not there."""
    if answer.headings:
        return ""
    opening = " ".join(answer.own_text.split()[:MOST_IN_STATEMENT])
    return opening if any(phrases_in(opening, NOT_FOUND_STATEMENTS)) else ""
