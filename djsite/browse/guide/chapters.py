"""The guide: the documents for people who use Crawlbeat, from ``docs/how-to``, as pages of the site."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "how-to"
PICTURES = FOLDER / "pictures"
SLUGS = (
    "first-seed",
    "fields",
    "data",
    "search",
    "getting-data-out",
    "send-to-google-sheets",
    "alerts",
    "why-is-my-page-missing",
    "sources-that-are-not-html",
    "python-extractors",
    "deploy",
    "sign-in",
    "backup",
    "limits",
)
"""In the order in which people need them."""


class Chapter(NamedTuple):
    """A document: its part of the address, its title, its text as HTML without the title."""

    slug: str
    title: str
    text: SafeString


@cache
def chapters() -> tuple[Chapter, ...]:
    """All that are there, in their order."""
    return tuple(_read(FOLDER / f"{slug}.md") for slug in SLUGS if (FOLDER / f"{slug}.md").is_file())


def chapter(slug: str) -> Chapter | None:
    """The one of an address; None where there is none."""
    return next((each for each in chapters() if each.slug == slug), None)


def picture(name: str) -> Path | None:
    """The file of a picture; None where there is none."""
    return next((path for path in PICTURES.glob("*.png") if path.stem == name), None)


def _read(path: Path) -> Chapter:
    """HTML in a document is shown as its source: the reader of Markdown does not let it through."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    title, _, text = path.read_text().partition("\n")
    tokens = markdown.parse(text)
    for token in tokens:
        for child in token.children or ():
            _link(child)
    rendered = str(markdown.renderer.render(tokens, markdown.options, {}))
    return Chapter(path.stem, title.lstrip("# "), mark_safe(rendered))  # noqa: S308 - our own documents


def _link(token: Token) -> None:
    """Lead a link to another chapter there; one to another document of the program leads nowhere here."""
    if token.type == "image":
        token.attrs["src"] = reverse("guide-picture", args=[Path(str(token.attrs["src"])).stem])
    if token.type != "link_open":
        return
    target = str(token.attrs.get("href", "")).partition("#")[0]
    if target.removesuffix(".md") in SLUGS:
        token.attrs["href"] = reverse("guide-chapter", args=[target.removesuffix(".md")])
    elif not target.startswith(("http://", "https://")):
        del token.attrs["href"]
