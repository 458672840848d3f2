"""Trying in this process, as the command line does; nothing has to run. Nothing of a page is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from catalog.models import Page, Seed, Snapshot
from crawler.collections import Collection
from crawler.policy import CrawlPolicy
from crawler.rules.keys import Keys
from pipelines.trying.details import item_of, list_and_details, listed_offer, offers_of_item
from pipelines.trying.fetching import Sender
from pipelines.trying.pages import try_pages, try_version
from pipelines.trying.trial import OK, Trial

__all__ = [
    "OK",
    "Sender",
    "Trial",
    "item_of",
    "sender_of",
    "stored_version",
    "try_here",
    "version",
    "with_details",
]


def sender_of(seed: Seed) -> Sender:
    """A seed's rules and headers. Raises :class:`catalog.sealing.SealingError` when no key opens those."""
    return Sender(policy=seed.policy(), headers=seed.header_pairs())


def try_here(
    pages: Iterable[str | Snapshot],
    sender: Sender,
    collections: Sequence[Collection],
    *,
    details: bool = False,
) -> Iterator[Trial]:
    """The trials of URLs and stored versions, in this process and its child.

    With ``details``, a list of the web is followed by the page of one of its items.
    """
    urls = [page for page in pages if isinstance(page, str)]
    yield from try_pages(urls, sender, collections, details=details)
    for page in pages:
        if isinstance(page, Snapshot):
            yield try_version(page, sender, collections)


def with_details(listed: Trial, item: Trial) -> list[Collection]:
    """The collections of a seed for a list and its items' pages; none if nothing can be taken of the item."""
    offered, choices = listed_offer(listed), offers_of_item(item)
    if offered is None or not choices:
        return []
    both = list_and_details(listed.final_url, offered, choices[0])
    return [both.of_list, both.of_items]


def version(pk: int) -> Snapshot | None:
    """A stored version by its number."""
    return Snapshot.objects.filter(pk=pk, page__seed__deleted_at=None).first()


def stored_version(url: str, seed: Seed | None) -> Snapshot | None:
    """The latest stored version of a URL: of a seed, or the newest that any seed has."""
    pages = Page.objects.filter(seed__deleted_at=None).exclude(latest=None)
    policy = seed.policy() if seed else CrawlPolicy(start_urls=(url,))
    fingerprint = Keys.of(policy).link(url).fingerprint
    if seed is not None:
        pages = pages.filter(seed=seed)
    page = pages.filter(fingerprint=fingerprint).select_related("latest").order_by("-last_fetched_at").first()
    return page.latest if page else None
