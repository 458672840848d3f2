"""Seeds of a list of addresses: which are new, and one seed for all or one for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from catalog.models import Seed
from crawler.policy import Scope
from crawler.rules.urls import BadUrl, canonical_url
from crawler.seeds import Schedule, lines
from crawler.seeds.address_lists.checked import AddressList
from djsite.desk import seeds as desk
from djsite.desk.audit import AnyUser
from djsite.desk.seeds import free_name

MOST_EACH = 1_000  # seeds that are made at once


class KnownAddress(NamedTuple):
    """An address of a list that a seed begins with already."""

    url: str
    seed: str


class Sorted(NamedTuple):
    """The addresses of a list that no seed begins with, and the others."""

    new: list[str]
    known: list[KnownAddress]


class Wish(NamedTuple):
    """What is to be made of addresses. ``every``: seconds between runs; None: by hand."""

    name: str = ""
    each: bool = False
    scope: str = Scope.PAGE
    every: int | None = None
    tags: tuple[str, ...] = ()


def sort(listed: AddressList) -> Sorted:
    """Which addresses are new."""
    begun = dict(_begun())
    known = [KnownAddress(url, begun[key]) for url in listed.urls if (key := canonical_url(url)) in begun]
    urls = {each.url for each in known}
    return Sorted([url for url in listed.urls if url not in urls], known)


def make(urls: Sequence[str], wish: Wish, now: datetime, user: AnyUser | None = None) -> list[Seed]:
    """Make the seeds, all or none; addresses are those of :func:`sort`.

    Raises:
        ValueError: they cannot be made so, in a sentence for people.
    """
    if not urls:
        raise ValueError("No address of this list is new: there is nothing to make.")
    if wish.each and len(urls) > MOST_EACH:
        raise ValueError(
            f"{len(urls):,} seeds are too many: {MOST_EACH:,} are made at once. Make one seed of all, or "
            "split the list."
        )
    groups = [(_own_name(url), url) for url in urls] if wish.each else [(wish.name, "\n".join(urls))]
    with transaction.atomic():
        return [_made(name or "Addresses", text, wish, now, user) for name, text in groups]


def _made(name: str, text: str, wish: Wish, now: datetime, user: AnyUser | None) -> Seed:
    seed = Seed(name=free_name(name), start_urls=text, scope=wish.scope, tags=list(wish.tags))
    seed.schedule = Schedule.MANUAL if wish.every is None else Schedule.INTERVAL
    seed.interval_seconds = wish.every
    try:
        seed.clean_fields()
        seed.clean()
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error
    desk.save(seed, now, user)
    return seed


def _own_name(url: str) -> str:
    """An address without its scheme, as the name of a seed."""
    return url.partition("://")[2].rstrip("/")[:180]


def _begun() -> Iterator[tuple[str, str]]:
    """The canonical form of each start URL, and its seed's name."""
    for name, text in Seed.objects.alive().values_list("name", "start_urls"):
        for url in lines(text):
            try:
                yield canonical_url(url), name
            except BadUrl:  # written by other means than ours
                continue
