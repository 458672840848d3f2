"""What a page says about its text: title, author, dates and language.

What is written for machines comes first (JSON-LD of schema.org, OpenGraph, meta elements, microdata), then
what people see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypedDict

import turbohtml

from crawler.reading.document import MAX_TITLE
from crawler.reading.text import fold

MOST_AUTHOR = 200  # characters
MOST_SEEN = 60  # of a name in the text: what is longer is no name
_TYPES = re.compile(
    r"Article|Posting|Recipe|Product|WebPage|Question|Report|CreativeWork|Event|HowTo|Review|Course|Book|Movie"
)
_DATE = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
)
_BY = re.compile(
    r"^(?:by|von|par|por|di|door|av|от|автор|posted by|written by|autor|auteur|文|著者)\s*:?\s+", re.I
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "date", "dc.date", "dcterms.date",
    "dc.date.issued", "dcterms.created", "publish-date", "publication_date", "pubdate", "parsely-pub-date",
    "sailthru.date", "citation_publication_date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified",
    "revised",
)  # fmt: skip
_AUTHOR = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "citation_author")
_SEEN_AUTHORS = (
    "[itemprop=author] [itemprop=name]", "[itemprop=author]", "a[rel~=author]", ".p-author", ".author",
    ".byline",
)  # fmt: skip
_OF_OTHERS = "[class*=comment i], [id*=comment i], [class*=related i], aside"
_SEEN_DATE = (
    "[itemprop=datePublished], time[pubdate], article time[datetime], main time[datetime], time[datetime]"
)


class About(TypedDict):
    """The fields of :class:`crawler.reading.main_text.article.MainText` that are no text."""

    title: str
    author: str
    published: str
    modified: str
    language: str


def read_about(tree: turbohtml.Document, headline: str, page_title: str) -> About:
    """What the page says about itself. ``headline``: the first heading of its main text."""
    things = list(_things(tree.json_ld()))
    metas = _metas(tree)
    titles = (
        _first(things, ("headline",)),
        headline,
        metas.get("og:title", ""),
        _without_site(page_title, metas),
    )
    return About(
        title=next(filter(None, titles), "")[:MAX_TITLE],
        author=_author(tree, things, metas),
        published=_published(tree, things, metas),
        modified=_modified(tree, things, metas),
        language=_language(tree, things, metas),
    )


def _things(values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The things of JSON-LD that may be what the page is about, in their order."""
    for value in values:
        if isinstance(value, list):
            yield from _things(value)
        elif isinstance(value, dict):
            if _TYPES.search(str(value.get("@type", ""))):
                yield value
            graph = value.get("@graph")
            yield from _things(graph if isinstance(graph, list) else [])


def _metas(tree: turbohtml.Document) -> dict[str, str]:
    """The first content of each name or property, names in lower case."""
    metas: dict[str, str] = {}
    for meta in tree.find_all("meta"):
        name = meta.attr("property") or meta.attr("name") or meta.attr("itemprop") or meta.attr("http-equiv")
        content = fold(meta.attr("content") or "")
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _first(things: Iterable[dict[str, Any]], names: Iterable[str]) -> str:
    values = (thing.get(name) for thing in things for name in names)
    return next((fold(value) for value in values if isinstance(value, str) and value.strip()), "")


def _without_site(title: str, metas: dict[str, str]) -> str:
    """The title of the page without the name of its site at its end."""
    site = metas.get("og:site_name", "")
    before, _, after = title.rpartition(site) if site else ("", "", "x")
    if before and not after:
        return before.rstrip(" |-–—·•:")
    head, bar, tail = title.rpartition(" | ")
    return head if bar and len(head) >= len(tail) else title


def _author(tree: turbohtml.Document, things: list[dict[str, Any]], metas: dict[str, str]) -> str:
    names = [name for thing in things for name in _names(thing.get("author"))]
    named = [metas[name] for name in _AUTHOR if name in metas and "://" not in metas[name]]
    for each in (", ".join(dict.fromkeys(names)), *named):
        if each:
            return each[:MOST_AUTHOR]
    return _seen_author(tree)


def _seen_author(tree: turbohtml.Document) -> str:
    """The author as people see it; not one of a comment."""
    for selector in _SEEN_AUTHORS:
        for element in tree.select(selector):
            text = _BY.sub("", fold(element.attr("content") or element.text))
            if 0 < len(text) <= MOST_SEEN and element.closest(_OF_OTHERS) is None:
                return text
    return ""


def _names(author: Any) -> list[str]:
    if isinstance(author, list):
        return [name for each in author for name in _names(each)]
    name = author.get("name") if isinstance(author, dict) else author
    return [fold(name)] if isinstance(name, str) and name.strip() and "://" not in name else []


def _published(tree: turbohtml.Document, things: list[dict[str, Any]], metas: dict[str, str]) -> str:
    seen = tree.select_one(_SEEN_DATE)
    written = (seen.attr("datetime") or seen.attr("content") or seen.text) if seen is not None else ""
    named = (metas.get(name, "") for name in _PUBLISHED)
    return _first_date(
        (_first(things, ("datePublished", "uploadDate", "dateCreated", "datePosted")), *named, written)
    )


def _modified(tree: turbohtml.Document, things: list[dict[str, Any]], metas: dict[str, str]) -> str:
    seen = tree.select_one("[itemprop=dateModified]")
    written = (seen.attr("datetime") or seen.attr("content") or seen.text) if seen is not None else ""
    return _first_date(
        (_first(things, ("dateModified",)), *(metas.get(name, "") for name in _MODIFIED), written)
    )


def _first_date(texts: Iterable[str]) -> str:
    """The first text that begins with a date of ISO 8601, as that standard writes it."""
    return next(filter(None, map(_date, texts)), "")


def _date(text: str) -> str:
    match = _DATE.match(text.strip())
    if match is None:
        return ""
    day, (time, zone) = match[0][:10], match.group(4, 5)
    written = day + (f"T{time}{zone or ''}" if time else "")
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return ""
    return written


def _language(tree: turbohtml.Document, things: list[dict[str, Any]], metas: dict[str, str]) -> str:
    root = tree.root
    declared = (root.attr("lang") or root.attr("xml:lang")) if isinstance(root, turbohtml.Element) else ""
    others = (metas.get("content-language", ""), _first(things, ("inLanguage",)), metas.get("og:locale", ""))
    for each in (declared or "", *others):
        if _LANGUAGE.fullmatch(each.strip()):
            return each.strip().replace("_", "-")
    return ""
