"""The rows that an address or a body names, or the problem that there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

from catalog.models import Channel, Seed
from crawler.seeds import cron
from djsite.api.problems import field_refused

M = TypeVar("M", bound=Model)


def row_of(rows: QuerySet[M], pk: int) -> M:
    """The row that the address names. Raises Http404 for none."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def alive_seed(pk: int) -> Seed:
    """The seed that the address names. Raises Http404 for none."""
    return row_of(Seed.objects.alive(), pk)


def named_seed(pk: int) -> Seed:
    """The seed that a query or a body names. Raises Problem for none."""
    seed = Seed.objects.alive().filter(pk=pk).first()
    if seed is None:
        raise field_refused("seed", f"seed {pk} is none: GET /api/seeds lists them.")
    return seed


def optional_seed(pk: int | None) -> Seed | None:
    """The seed that a query or a body names, if it names one. Raises Problem for none."""
    return None if pk is None else named_seed(pk)


def named_channels(keys: Sequence[int]) -> list[Channel]:
    """The channels that a body names. Raises Problem for one that is none."""
    there = Channel.objects.in_bulk(keys)
    if missing := [key for key in keys if key not in there]:
        raise field_refused("channels", f"channel {missing[0]} is none: GET /api/channels lists them.")
    return list(there.values())


def zone_of(name: str) -> str:
    """A time zone that a body names. Raises Problem for one that is none."""
    try:
        return cron.check_zone(name)
    except ValueError as error:
        raise field_refused("time_zone", f"time_zone: {error}") from error
