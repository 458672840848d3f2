"""The verdict ``empty_shell``: scripts that would make the page, and nothing of it."""

from __future__ import annotations

import re

import msgspec

from crawler.reading.text import fold
from crawler.reading.verdicts.answer import Answer, count_words, phrases_in, quoted
from crawler.reading.verdicts.phrases import LOADING

MOST_WORDS = 12
LEAST_DATA = 500  # characters of JSON in scripts: that much is content which rules can read
LEAST_VALUES = 3  # of what Next.js hands to a page as JSON: fewer are settings
ROOTS = (
    "root", "app", "__next", "__nuxt", "___gatsby", "svelte", "q-app", "main-app", "react-root", "app-root",
    "ember-app", "mount", "application", "root-app",
)  # fmt: skip
"""Ids of the elements that libraries fill by scripts."""

_ROOTS = ", ".join(f"#{name}" for name in ROOTS) + ", app-root, my-app, ion-app, [ng-app], [data-reactroot]"
_SHOWN = "img, picture, video, audio, canvas, object, embed, iframe[src], input, textarea, select, table"
_DATA = "script[type$=json], script#__NEXT_DATA__, script#__NUXT_DATA__"
_ASSIGNED = re.compile(r"window\.[\w$]+\s*=\s*(?:JSON\.parse\(|[{\[])")
_BUNDLES = (
    "script[type=module], script[src*=bootstrap], script[src*=bundle], script[src*=chunk], "
    "script[src*=vendor], script[src*=runtime]"
)
_IMPORTS = re.compile(r"\bimport\(")
_OTHER_THAN_SCRIPTS = "a[href], form, frame, svg, meta[http-equiv=refresh i]"
_WANTS_SCRIPTS = re.compile(r"java\s?script", re.IGNORECASE)


class _Props(msgspec.Struct):
    pageProps: dict[str, object] = {}  # noqa: N815  as Next.js calls it


class _NextData(msgspec.Struct):
    props: _Props


def judge(answer: Answer) -> tuple[str, ...]:
    """The evidence: scripts, next to no words, and an empty root or a plea to allow scripts."""
    if answer.words > MOST_WORDS or answer.first("script") is None or _has_content(answer):
        return ()
    evidence = []
    if root := _empty_root(answer):
        evidence.append(f"The element {root}, which scripts fill, is empty.")
    if plea := _plea(answer):
        evidence.append(f"It says {quoted(plea)}.")
    if not evidence and _is_scripts_alone(answer):
        return ("The body has nothing but scripts that load an application.",)
    if not evidence or (not root and not _is_idle(answer)):
        return ()
    return (*evidence, f"Without scripts it has {answer.words} words.")


def _has_content(answer: Answer) -> bool:
    """Whether it shows pictures or asks something, or has data in its scripts."""
    if any(each.closest("noscript") is None for each in answer.tree.select(_SHOWN)):
        return True
    if sum(len(each.text) for each in answer.tree.select(_DATA)) >= LEAST_DATA or _has_page_props(answer):
        return True
    return len(answer.scripts) >= LEAST_DATA * 4 and _ASSIGNED.search(answer.scripts) is not None


def _has_page_props(answer: Answer) -> bool:
    """Whether the data for Next.js hold some values that were made for this page."""
    script = answer.first("script#__NEXT_DATA__")
    if script is None:
        return False
    try:
        props = msgspec.json.decode(script.text, type=_NextData).props.pageProps
    except msgspec.DecodeError:
        return False
    return _values(props) >= LEAST_VALUES


def _values(data: object) -> int:
    """How many texts and numbers are in data."""
    if isinstance(data, dict | list):
        return sum(map(_values, data.values() if isinstance(data, dict) else data))
    return isinstance(data, str | int | float) and not isinstance(data, bool)


def _is_scripts_alone(answer: Answer) -> bool:
    """Whether nothing is there for people, and a script that loads an application."""
    if answer.words or answer.first(_OTHER_THAN_SCRIPTS) is not None:
        return False
    return answer.first(_BUNDLES) is not None or _IMPORTS.search(answer.scripts) is not None


def _empty_root(answer: Answer) -> str:
    """The name of a root that says nothing, or only that it is loading."""
    for root in answer.tree.select(_ROOTS):
        text = fold(" ".join(each for each in root.stripped_strings)).lower()
        if not text or (count_words(text) <= 4 and any(phrases_in(text, LOADING))):
            return f"#{root.attr('id')}" if root.attr("id") else f"<{root.tag}>"
    return ""


def _plea(answer: Answer) -> str:
    """What it says to visitors without scripts, if that is about scripts."""
    said = [fold(each.text) for each in answer.tree.find_all("noscript")] + [answer.document.text]
    return next((text for text in said if _WANTS_SCRIPTS.search(text) and count_words(text) <= 40), "")


def _is_idle(answer: Answer) -> bool:
    """Whether all that it says is that it is loading, or that it wants scripts."""
    words = answer.words
    return not words or any(phrases_in(answer.text, LOADING)) or bool(_WANTS_SCRIPTS.search(answer.text))
