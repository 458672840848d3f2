"""An Atom feed (RFC 4287) of events: one entry an event, whose id (a tag URI, RFC 4151) never changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.xmlutils import SimplerXMLGenerator

from catalog.models import Event, KeptView
from djsite.desk.events.rows import ShownEvent, rows_of

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)


@dataclass(frozen=True)
class Site:
    """Where readers reach us: ``https://crawlbeat.example``, without a slash at its end, and its host."""

    address: str
    host: str

    @property
    def authority(self) -> str:
        """The host as a tag URI has it: a name or an address of four numbers."""
        name = self.host.rpartition(":")[0] if self.host.rpartition(":")[2].isdigit() else self.host
        return name.lower() if _NAME.fullmatch(name) else "localhost"


def atom_of(view: KeptView, events: Sequence[Event], site: Site, address: str, home: str) -> bytes:
    """The document: ``events`` newest first; ``address`` is its own, ``home`` that of the list."""
    feed = _Feed(
        title=_clean(f"{view.name} · Crawlbeat"),
        link=home,
        description=None,
        feed_url=address,
        feed_guid=f"tag:{site.authority},{view.created_at:%Y-%m-%d}:view/{view.pk}",
        author_name="Crawlbeat",
    )
    for row in rows_of(events):
        _add(feed, row, site)
    feed.newest = events[0].at if events else view.created_at
    text = feed.writeString("utf-8")
    return str(text).encode()


class _Feed(Atom1Feed):
    """Django's, with content instead of a summary, and a second link to the page that was read."""

    newest: Any = None

    def latest_post_date(self) -> Any:
        """When the feed changed last; without entries, when it was made."""
        return self.newest

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["page"]:
            handler.addQuickElement("link", "", {"rel": "related", "href": item["page"]})
        handler.addQuickElement("content", item["html"], {"type": "html"})


def _add(feed: _Feed, row: ShownEvent, site: Site) -> None:
    event = row.event
    feed.add_item(
        title=_clean(row.sentence),
        link=f"{site.address}{row.link}",
        description=None,  # type: ignore[arg-type]  # no summary beside the content
        unique_id=f"tag:{site.authority},{event.at:%Y-%m-%d}:event/{event.pk}",
        updateddate=event.at,
        categories=[_clean(event.seed.name)],
        page=_clean(event.url) if event.url.startswith(("http://", "https://")) else "",
        html=_clean(_html(row, f"{site.address}{row.link}")),
    )


def _html(row: ShownEvent, ours: str) -> SafeString:
    """The entry for people; every text of others is escaped."""
    words, event = row.words, row.event
    if words.field:
        before, after = words.before or "nothing", words.after or "nothing"
        change = format_html(
            "{}: {} <del>{}</del> <ins>{}</ins> {}", words.subject, words.field, before, after, words.percent
        )
    else:
        change = format_html("{}", row.sentence)
    links = [(ours, "details")]
    if event.url.startswith(("http://", "https://")):
        links.append((event.url, "page"))
    where = format_html_join(" · ", '<a href="{}">{}</a>', links)
    return format_html("<p>{}</p><p>{} · {}</p>", change, event.seed.name, where)


def _clean(text: str) -> str:
    """A text without what no XML may hold."""
    return _NO_XML.sub("\ufffd", text)
