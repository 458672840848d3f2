"""The seeds that may have to do with an address."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Case, Q, When

from catalog.models import Page, Seed
from crawler.policy import Scope
from crawler.rules.urls import host_of, registrable_domain
from djsite.desk.read.pages import keys_at

LOOKED_AT = 50  # seeds near an address, at most


class Near(NamedTuple):
    """Seeds that may have to do with an address; those ``having`` its page; ``more`` are left out."""

    seeds: list[Seed]
    having: frozenset[int] = frozenset()
    more: int = 0


def seeds_near(address: str) -> Near:
    """Seeds that have the address as a page, and those that name its domain.

    What a seed may reach has the registrable domain of one of its start URLs (:mod:`crawler.rules.roots`).
    """
    pages = Page.objects.filter(pk__in=keys_at(address))
    having = frozenset(pages.values_list("seed", flat=True))
    near = Q(pk__in=having)
    for name in _spellings(registrable_domain(host_of(address))):
        near |= Q(start_urls__icontains=name) | Q(requests__icontains=name)
    seeds = Seed.objects.alive().filter(near)
    some = list(seeds.order_by(_chance(address, having), "-pk")[: LOOKED_AT + 1])
    return Near(some[:LOOKED_AT], having, seeds.count() - LOOKED_AT if some[LOOKED_AT:] else 0)


def _chance(address: str, having: Collection[int]) -> Case:
    """Seeds with the page first, those of other single pages last: one host may have hundreds of these."""
    path = address.partition("://")[2].rstrip("/")
    named = Q(pk__in=having) | Q(start_urls__icontains=path)
    return Case(When(named, then=0), When(scope=Scope.PAGE, then=2), default=1)


def _spellings(domain: str) -> set[str]:
    """A domain as it is requested, and as people may have written it."""
    try:
        return {domain, domain.encode("ascii").decode("idna")}
    except UnicodeError:
        return {domain}
