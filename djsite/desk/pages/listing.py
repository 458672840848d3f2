"""Which pages a list shows, by address, title and what happened to them lately; for the site and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from catalog.models import Page
from djsite.desk.read.pages import keys_at, list_pages

NEW, CHANGED, UNCHANGED, UNSEEN, GONE = HAPPENED = ("new", "changed", "unchanged", "unseen", "gone")
HOURS = (1, 24, 168, 720)
ORDERS = ("-last_changed_at", "last_changed_at", "-last_fetched_at", "last_fetched_at")


class Found(NamedTuple):
    """Rows by an index, and a condition on them that no index serves (see ``read.keyset.cut``)."""

    rows: QuerySet[Page]
    search: Q | None
    is_address: bool  # the text is the whole address of these pages


@dataclass(frozen=True)
class PageList:
    """A list of pages. What is empty or None asks for nothing."""

    seed: int | None = None
    text: str = ""  # in address or title; a whole address: exactly that page
    happened: str = ""  # of HAPPENED
    hours: int | None = None  # … in the last ones
    order: str = ORDERS[0]  # with a minus the newest first

    def found(self, now: datetime) -> Found:
        """What it asks for."""
        rows = self._narrowed(list_pages(self.seed), now)
        keys = keys_at(self.text, self.seed)
        if keys:
            rows = rows.filter(pk__in=keys)
        return Found(rows, self._search(now, text="" if keys else self.text), bool(keys))

    def _since(self, now: datetime) -> datetime | None:
        return now - timedelta(hours=self.hours) if self.hours else None

    def _narrowed(self, pages: QuerySet[Page], now: datetime) -> QuerySet[Page]:
        """``pages`` without those that the order's own index can tell are too old or too new.

        A page that was stored or changed since then was also fetched since then, and a page that was not
        fetched did not change: so most bounds in time hold for either column.
        """
        since, column = self._since(now), self.order.lstrip("-")
        if (
            self.happened == GONE
            or since is None
            or (column != "last_fetched_at" and self.happened in ("", UNCHANGED))
        ):
            return pages
        return pages.filter(**{f"{column}__{'lt' if self.happened == UNSEEN else 'gte'}": since})

    def _search(self, now: datetime, *, text: str) -> Q | None:
        condition = _happened(self.happened, self._since(now))
        if text:
            condition &= Q(url__icontains=text) | Q(latest__title__icontains=text)
        return condition or None


def _happened(event: str, since: datetime | None) -> Q:
    """That ``event`` happened since then; without a time, ever; without an event, that a page was fetched."""
    ever, time_lookup = {
        NEW: (Q(versions=1), "first_stored_at__gte"),
        CHANGED: (Q(versions__gt=1), "last_changed_at__gte"),
        UNCHANGED: (Q(last_fetched_at__gt=F("last_changed_at")), "last_fetched_at__gte"),
        UNSEEN: (Q(), "last_fetched_at__lt"),
        GONE: (Q(gone_at__isnull=False), "gone_at__gte"),
    }.get(event, (Q(), "last_fetched_at__gte"))
    if since is None:
        return ever
    return Q(**{time_lookup: since}) if event == NEW else ever & Q(**{time_lookup: since})
