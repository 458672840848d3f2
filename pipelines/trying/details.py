"""The details of a list's items: what the page of one of them offers, and the rules that a seed has of both.

The list's collection is as it was offered. That of the items' pages gets their patterns, their address as a
field, and a key: the number by which the list knows an item too, if its page shows that; else a number of the
page's own, else the address.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from crawler.collections import PAGES, Collection, Field, Rule
from crawler.policy import CrawlPolicy, Scope
from crawler.reading.listings.listing import with_required
from crawler.reading.offers.offer import VALUE_LENGTH, Seen, key_of
from crawler.rules.scope import ScopeRules
from pipelines.trying.trial import Offered, Trial

URL = "url"
LONG = 500  # characters of a page that has something to read
_PUBLISHED = {"name": "published", "main_text": "published", "type": "date"}


class ListAndDetails(NamedTuple):
    """The collections of a seed for a list and for the page of each of its items."""

    of_list: Collection
    of_items: Collection
    scope: Scope  # in which the items' pages are, measured from the list

    @property
    def include(self) -> tuple[str, ...]:
        """Patterns for the addresses that such a seed crawls; none where nothing tells the items' pages."""
        return (*self.of_list.pages, *self.of_items.pages) if self.of_items.pages else ()


def listed_offer(trial: Trial) -> Offered | None:
    """The best offer of a list whose items have pages of their own."""
    return next((each for each in trial.offered if each.listing is not None), None)


def item_of(trial: Trial) -> str:
    """The page of the first item of that list; empty without such a list."""
    offered = listed_offer(trial)
    return offered.listing.links[0] if offered is not None and offered.listing is not None else ""


def offers_of_item(trial: Trial) -> list[Offered]:
    """What an item's page offers, the best first: what is one record a page before lists beside it."""
    single = [_with_text(each, trial) for each in trial.offered if "items" not in each.collection]
    lists = [each for each in trial.offered if "items" in each.collection]
    return [*single, *([_article(trial)] if trial.main_text else []), *lists]


def _with_text(offered: Offered, trial: Trial) -> Offered:
    """With the main text of the page, if that is long and no field has as much."""
    names = {field["name"] for field in offered.collection["fields"]}
    longest = max((len(text) for sample in offered.samples for text in sample.values()), default=0)
    if len(trial.main_text) < LONG or longest >= LONG // 2 or "text" in names:
        return offered
    fields = [*offered.collection["fields"], {"name": "text", "main_text": "text"}]
    samples = [sample | {"text": trial.main_text[:VALUE_LENGTH]} for sample in offered.samples]
    return msgspec.structs.replace(
        offered, collection=offered.collection | {"fields": fields}, samples=samples
    )


def _article(trial: Trial) -> Offered:
    """The main text of a page, with its title, author and date."""
    fields = [{"name": name, "main_text": name} for name in ("title", "author", "text")]
    return Offered(
        name=PAGES,
        reason="The text of the page, without what stands around it",
        records=1,
        collection={"name": PAGES, "fields": [*fields, _PUBLISHED]},
        samples=[{"title": trial.title, "text": trial.main_text[:VALUE_LENGTH]}],
    )


def list_and_details(url: str, listed: Offered, offered: Offered) -> ListAndDetails:
    """The collections of a list at ``url`` and of its items' pages; ValueError if it is no such list."""
    if listed.listing is None:
        raise ValueError("The items of this list have no pages of their own.")
    of_list, of_items = Collection.of(listed.collection), Collection.of(offered.collection)
    common = _common(listed, of_list, offered)
    if common:
        of_list = _keyed(of_list, common[0])
    if of_items.items is None:
        of_items = _with_url(of_items)
        of_items = _keyed(of_items, common[1] if common else _own_key(offered, of_items))
    name = of_items.name
    if name in (PAGES, of_list.name):
        name = f"{of_list.name}_details"[:60]
    of_items = msgspec.structs.replace(of_items, name=name, pages=tuple(listed.listing.pages))
    of_list = of_list if of_list.pages else msgspec.structs.replace(of_list, pages=(url,))
    return ListAndDetails(of_list, of_items, _scope(url, listed.listing.links))


def _common(listed: Offered, of_list: Collection, offered: Offered) -> tuple[str, str] | None:
    """The fields of the list and of the item's page that hold the same number of an item."""
    assert listed.listing is not None
    names = [*(name for name in of_list.key if name != listed.listing.field), *listed.listing.codes]
    own = offered.samples[0] if offered.samples else {}
    types = {field["name"]: field.get("type", "text") for field in offered.collection["fields"]}
    for name in names:
        texts = {sample[name] for sample in listed.samples if sample.get(name)}
        for other, text in own.items():
            if text in texts and types.get(other) == "text":
                return name, other
    return None


def _with_url(collection: Collection) -> Collection:
    """With the address of the page, by which its record and that of the list find each other."""
    if any(field.name == URL for field in collection.fields):
        return collection
    field = Field(name=URL, rules=(Rule(URL, URL),), type="url")
    return msgspec.structs.replace(collection, fields=(*collection.fields, field))


def _own_key(offered: Offered, collection: Collection) -> str:
    own = offered.samples[0] if offered.samples else {}
    seen = [
        Seen(field.name, field.rules[0], [own.get(field.name, "")])
        for field in collection.fields
        if field.type == "text" and not field.many
    ]
    return next(iter(key_of(seen)), URL)


def _keyed(collection: Collection, name: str) -> Collection:
    fields = with_required(collection.fields, (name,))
    return msgspec.structs.replace(collection, key=(name,), fields=fields)


def _scope(url: str, links: Sequence[str]) -> Scope:
    scope = ScopeRules(CrawlPolicy(start_urls=(url,), scope=Scope.HOST), [url])
    return Scope.HOST if all(map(scope.covers, links)) else Scope.DOMAIN
