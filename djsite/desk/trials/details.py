"""A list with details: the page of one of its items is tried as well, and one seed is made of both.

The item's page is tried as any other page is; which list it belongs to stands in the address of the answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from catalog.models import Seed
from crawler.reading.listings.listing import Listing
from crawler.rules.urls import origin_of
from djsite.desk import audit, seeds
from djsite.desk.audit import AnyUser
from djsite.desk.trials import site as trials
from pipelines.trying.details import ListAndDetails, list_and_details, offers_of_item
from pipelines.trying.trial import Offered

NAME_LENGTH = 200
DAY = 86_400  # seconds: a new seed runs at once, and then every day


class Choice(NamedTuple):
    """Something that the item's page offers, and the collections of a seed that takes it."""

    offered: Offered
    collections: ListAndDetails


class Details(NamedTuple):
    """A list that was tried, one of its items, and what can be taken of that."""

    listed: trials.Tried
    offered: Offered  # of the list
    listing: Listing
    item: trials.Tried
    choices: list[Choice]

    @property
    def position(self) -> int:
        """Which of the items it is, from 0."""
        links = self.listing.links
        return links.index(self.item.trial.url) if self.item.trial.url in links else 0


def refusal(tried: trials.Tried, url: str, user: AnyUser) -> str:
    """Why somebody may not have an item's page tried, in a sentence; empty if they may."""
    if tried.networks and not seeds.may_open_networks(user):
        return "This page was tried by staff, in networks that only staff may open."
    if tried.networks and origin_of(url) != origin_of(tried.trial.final_url):
        return "The page of this item is on another host than the list: try it by its address."
    return trials.refusal(url, tried.seed, user)


def ask(tried: trials.Tried, url: str) -> str | None:
    """Have the page of an item tried as its list was; a key as of :func:`djsite.desk.trials.site.ask`."""
    return trials.ask(url, tried.seed, (), tried.networks)


def offer_of(tried: trials.Tried, offer: int) -> Offered | None:
    """An offer of a list whose items have pages of their own, by its number; None if there is no such."""
    offered = tried.trial.offered[offer] if offer < len(tried.trial.offered) else None
    return offered if offered is not None and offered.listing is not None else None


def answer(key: str, offer: int, item: str) -> Details | None:
    """What came of an item's page beside its list; None while it is not there.

    Raises LookupError, with a sentence, when a worker failed or the list has no such offer.
    """
    listed, tried = trials.answer(key), trials.answer(item)
    if listed is None or tried is None:
        return None
    offered = offer_of(listed, offer)
    if offered is None or offered.listing is None:
        raise LookupError("Nothing is known any more of this list. Try it again.")
    url = listed.trial.final_url
    choices = [Choice(each, list_and_details(url, offered, each)) for each in offers_of_item(tried.trial)]
    return Details(listed, offered, offered.listing, tried, choices)


def written_seed(details: Details, choice: Choice) -> dict[str, Any]:
    """What somebody would write of a seed that takes a choice, in the names of its columns."""
    trial, collections = details.listed.trial, choice.collections
    return {
        "name": seeds.free_name((trial.title or trial.final_url)[:NAME_LENGTH]),
        "start_urls": trial.final_url,
        "scope": str(collections.scope),
        "include": "\n".join(collections.include),
        "use_sitemaps": False,  # a sitemap names what is not on the list
        "collections": [collections.of_list.plain(), collections.of_items.plain()],
        "allow_networks": "\n".join(details.listed.networks),
        "interval_seconds": DAY,
    }


def save(details: Details, choice: Choice, now: datetime, user: AnyUser) -> Seed:
    """Make a seed of a choice; it runs at once.

    Raises:
        ValidationError: its parts cannot be used; with sentences.
        PermissionDenied: as in :func:`djsite.desk.seeds.save`.
    """
    seed = Seed(**written_seed(details, choice))
    seed.full_clean()
    seeds.save(seed, now, user)
    audit.note(user, [seed], "Made of a list with details", added=True)
    return seed
