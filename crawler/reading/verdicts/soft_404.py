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
MOST_IN_APOLOGY = 4
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
    opening = "" if title or heading else _first_statement(answer)
    if not (title or heading or opening):
        return ()
    words = count_words(answer.own_text)
    if words > MOST_WORDS or answer.first(_CONTENT) is not None:
        return ()
    evidence = [f"The title has {quoted(title)}."] if title else []
    evidence += [f"The heading is {quoted(heading)}."] if heading else []
    evidence += [f"It begins with {quoted(opening)}."] if opening else []
    shown = heading or opening
    rest = answer.text.replace(shown, " ") if shown else answer.text
    if sentence := next(phrases_in(rest, NOT_FOUND_SENTENCES), None):
        evidence.append(f"The text has {quoted(sentence)}.")
    unclear = words > FEW_WORDS or {title, heading} <= _MAY_BE_NAMES
    stated = words <= MOST_BESIDE_STATEMENT and _is_whole_statement(shown)
    stated |= words <= FEW_WORDS and _is_whole_statement(title or "") and _says_little_above(answer)
    if not stated and (len(evidence) < 2 or (sentence is None and unclear)):
        return ()
    return (*evidence, f"Beside menus it has {words} words.")


def _says_not_found(text: str) -> bool:
    """Whether a title or heading, its signs and apologies aside, is one that says so."""
    plain = _SIGNS.sub(" ", text).strip()
    if plain in _TITLES or _POLITE.sub("", plain) in _TITLES:
        return True
    return count_words(plain) <= MOST_IN_STATEMENT and any(phrases_in(plain, NOT_FOUND_STATEMENTS))


def _is_whole_statement(text: str) -> bool:
    """Whether a heading or opening names the page that is not there and says what became of it."""
    return any(phrases_in(text, NOT_FOUND_STATEMENTS)) and any(phrases_in(text, NOT_FOUND_SENTENCES))


def _says_little_above(answer: Answer) -> bool:
    """Whether there are no headings, or only short ones such as an apology."""
    return all(count_words(heading) <= MOST_IN_APOLOGY for heading in answer.headings)


def _first_statement(answer: Answer) -> str:
    """What a page begins with whose headings say little, if that says that another is not there."""
    if not _says_little_above(answer):
        return ""
    opening = " ".join(answer.own_text.split()[:MOST_IN_STATEMENT])
    return opening if any(phrases_in(opening, NOT_FOUND_STATEMENTS)) else ""
