"""A magazine. Traps: dates in words, several authors or none, a teaser of a subscription among the teasers,
related articles with dates of their own, pictures that load late, a table and a quotation in the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.fakeweb.sites.facts import (
    PEOPLE,
    changes,
    day_in_words,
    day_of,
    dice_of,
    e,
    linked_data,
    name_of,
    prose,
)
from tests.fakeweb.sites.site import Design, Fact, FactSite, Paging, html_page, page_numbers

_LISTS, _ITEMS = ["*/list*", "*/picks"], ["*/item/*"]
_SECTIONS = ("Science", "Culture", "Sport")


@dataclass(frozen=True)
class Article(Fact):
    """An article."""

    number: int
    title: str
    authors: tuple[str, ...]
    day: date
    section: str
    tags: tuple[str, ...]
    paragraphs: tuple[str, ...]

    @property
    def slug(self) -> str:
        return f"story-{self.number + 1}"

    @property
    def summary(self) -> str:
        return self.paragraphs[0].partition(".")[0] + "."


def _english_list(articles: Sequence[Article], paging: Paging) -> str:
    teasers = [
        f'<article class="teaser"><h2><a href="{each.path}">{e(each.title)}</a></h2>'
        f'<time datetime="{each.day}">{day_in_words(each.day, "en")}</time><p '
        f'class="lead">{e(each.summary)}</p>'
        "</article>"
        for each in articles
    ]
    teasers.insert(1, (
        '<article class="teaser promo"><h2><a href="/private/subscribe">Subscribe for €9.90 a month</a></h2>'
        '<p class="lead">Every story, everywhere.</p></article>'
    ))  # fmt: skip
    more = f'<a rel="next" href="{paging.next}">Older stories</a>' if paging.next else ""
    return html_page("Stories", f"{''.join(teasers)}{more}")


def _english_item(article: Article, others: Sequence[Article]) -> str:
    authors = ", ".join(f'<a class="author" rel="author">{e(author)}</a>' for author in article.authors)
    text = "\n".join(f"<p>{e(paragraph)}</p>" for paragraph in article.paragraphs)
    tags = "".join(f'<li><a class="tag">{e(tag)}</a></li>' for tag in article.tags)
    related = "".join(
        f'<li><a href="{other.path}">{e(other.title)}</a> <time datetime="{other.day}">{other.day}</time>'
        f"</li>"
        for other in others
    )
    return html_page(
        article.title,
        f'<article class="story"><p class="kicker">{article.section}</p><p class="by">{authors}</p>'
        f'<time class="published" datetime="{article.day}">{day_in_words(article.day, "en")}</time>'
        f'<div class="text">{text}</div><ul class="tags">{tags}</ul></article>'
        f"<aside><h2>Related</h2><ul>{related}</ul></aside>",
    )


_A: list[dict[str, Any]] = [
    {
        "name": "teasers", "pages": _LISTS, "items": {"css": "article.teaser:not(.promo)"}, "key": ["url"],
        "next": {"css": "a[rel=next]::attr(href)"},
        "fields": [
            {"name": "url", "css": "h2 a::attr(href)", "type": "url", "required": True},
            {"name": "title", "css": "h2", "required": True},
            {"name": "date", "css": "time::attr(datetime)", "type": "date"},
            {"name": "summary", "css": ".lead"},
        ],
    },
    {
        "name": "articles", "pages": _ITEMS, "key": ["title"],
        "fields": [
            {"name": "title", "css": "h1", "required": True},
            {"name": "authors", "css": ".author", "many": True},
            {"name": "date", "css": "time.published::attr(datetime)", "type": "date"},
            {"name": "section", "css": ".kicker"},
            {"name": "tags", "css": ".tag", "many": True},
            {"name": "text", "css": ".story .text"},
        ],
    },
]  # fmt: skip


def _german_list(articles: Sequence[Article], paging: Paging) -> str:
    rows = "".join(
        f'<div class="box"><div class="box-in"><span class="when">{day_in_words(each.day, "de")}</span>'
        f'<a class="hl" href="{each.path}"><span>{e(each.title)}</span></a><div '
        f'class="dek">{e(each.summary)}</div>'
        "</div></div>"
        for each in articles
    )
    return html_page("Geschichten", f'<div class="wrap">{rows}</div>{page_numbers(paging)}', language="de")


def _german_item(article: Article, others: Sequence[Article]) -> str:
    authors = "".join(f'<span class="autor">{e(author)}</span> ' for author in article.authors)
    text = "\n".join(f"<p>{e(paragraph)}</p>" for paragraph in article.paragraphs)
    related = "".join(
        f'<p class="when">{day_in_words(other.day, "de")}: {e(other.title)}</p>' for other in others
    )
    tags = "".join(f"<span>#{e(tag)}</span> " for tag in article.tags)
    return html_page(
        article.title,
        f'<div class="mehr">{related}</div><div class="kopf"><b>Ressort: {article.section}</b> Von {authors}'
        f'<i>Veröffentlicht am {day_in_words(article.day, "de")}</i></div><div class="inhalt">{text}</div>'
        f'<div class="themen">{tags}</div>',
        language="de",
    )


_B: list[dict[str, Any]] = [
    {
        "name": "teasers", "pages": _LISTS, "items": {"css": ".box"}, "key": ["url"],
        "next": {"css": "b.current + a::attr(href)"},
        "fields": [
            {"name": "url", "css": "a.hl::attr(href)", "type": "url", "required": True},
            {"name": "title", "css": "a.hl", "required": True},
            {"name": "date", "css": ".when", "type": "date", "locale": "de"},
            {"name": "summary", "css": ".dek"},
        ],
    },
    {
        "name": "articles", "pages": _ITEMS, "key": ["title"],
        "fields": [
            {"name": "title", "css": "h1", "required": True},
            {"name": "authors", "css": ".autor", "many": True},
            {"name": "date", "css": ".kopf i", "type": "date", "locale": "de",
             "steps": [{"replace": ["Veröffentlicht am ", ""]}]},
            {"name": "section", "css": ".kopf b", "steps": [{"replace": ["Ressort: ", ""]}]},
            {"name": "tags", "css": ".themen span", "many": True, "steps": [{"replace": ["#", ""]}]},
            {"name": "text", "css": ".inhalt"},
        ],
    },
]  # fmt: skip


def _data_list(articles: Sequence[Article], paging: Paging) -> str:
    entries = [
        {"@type": "ListItem", "position": at + 1, "item": {
            "@type": "NewsArticle", "url": each.path, "headline": each.title,
            "datePublished": each.day.isoformat(), "description": each.summary}}
        for at, each in enumerate(articles)
    ]  # fmt: skip
    links = "".join(f'<p><a href="{each.path}">{e(each.title)}</a></p>' for each in articles)
    more = f'<button data-more="{paging.next}">More</button>' if paging.next else ""
    head = linked_data({"@type": "ItemList", "itemListElement": entries})
    return html_page("Stories", links + more, head=head)


def _data_item(article: Article, others: Sequence[Article]) -> str:
    own = {
        "@type": "NewsArticle", "headline": article.title, "datePublished": article.day.isoformat(),
        "author": [{"@type": "Person", "name": author} for author in article.authors],
        "articleSection": article.section, "keywords": list(article.tags),
        "articleBody": " ".join(article.paragraphs),
    }  # fmt: skip
    related = [{"@type": "WebPage", "name": other.title} for other in others]
    head = (
        f'<meta property="og:title" content="{e(article.title)}"><meta property="og:type" content="article">'
        + linked_data({"@graph": [*related, own]})
    )
    return html_page("The magazine", f"<p>{e(article.summary)}</p>", head=head)


_C: list[dict[str, Any]] = [
    {
        "name": "teasers", "pages": _LISTS, "items": {"jsonld": "ItemList.itemListElement[].item"},
        "key": ["url"],
        "next": {"css": "button::attr(data-more)"},
        "fields": [
            {"name": "url", "json": "url", "type": "url", "required": True},
            {"name": "title", "json": "headline", "required": True},
            {"name": "date", "json": "datePublished", "type": "date"},
            {"name": "summary", "json": "description"},
        ],
    },
    {
        "name": "articles", "pages": _ITEMS, "key": ["title"],
        "fields": [
            {"name": "title", "meta": "og:title", "required": True},
            {"name": "authors", "jsonld": "NewsArticle.author[].name", "many": True},
            {"name": "date", "jsonld": "NewsArticle.datePublished", "type": "date"},
            {"name": "section", "jsonld": "NewsArticle.articleSection"},
            {"name": "tags", "jsonld": "NewsArticle.keywords[]", "many": True},
            {"name": "text", "jsonld": "NewsArticle.articleBody"},
        ],
    },
]  # fmt: skip


@dataclass
class Magazine(FactSite[Article]):
    """Articles, as teasers on lists and whole on their own pages."""

    name = "magazine"
    designs = {
        "a": Design(_english_list, _english_item, _A),
        "b": Design(_german_list, _german_item, _B),
        "c": Design(_data_list, _data_item, _C, backwards=True),
    }

    def fact(self, number: int, revision: int) -> Article:
        times = changes(number, revision)
        dice = dice_of("magazine", number)
        return Article(
            number=number,
            title=f"On the {name_of(number)}",
            authors=tuple(dice.sample(PEOPLE, number % 3)),
            day=day_of(number),
            section=_SECTIONS[number % 3],
            tags=tuple(f"tag {letter}" for letter in dice.sample("abcdef", number % 4)),
            paragraphs=tuple(prose("magazine", number, times if at else 0, at) for at in range(4)),
        )

    def list_values(self, fact: Article) -> dict[str, Any]:
        return {
            "url": self.base + fact.path,
            "title": fact.title,
            "date": fact.day.isoformat(),
            "summary": fact.summary,
        }

    def item_values(self, fact: Article) -> dict[str, Any]:
        return {
            "title": fact.title,
            "authors": list(fact.authors),
            "date": fact.day.isoformat(),
            "section": fact.section,
            "tags": list(fact.tags),
            "text": " ".join(fact.paragraphs),
        }
