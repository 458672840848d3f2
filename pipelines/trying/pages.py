"""The entry of trying: pages of the web, one after the other, and versions that are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from catalog.models import Seed, Snapshot
from catalog.sealing import SealingError
from crawler.collections import Collection
from crawler.outcomes import Reason
from crawler.policy import CrawlPolicy
from crawler.reading.own_code import names
from crawler.requests.exchange import FetchResult
from pipelines.archive import ArchiveError, ObjectMissing
from pipelines.fetch.loop import fetch_loop
from pipelines.parse.stored import StoredBodies
from pipelines.trying.child import read_in_child
from pipelines.trying.details import item_of
from pipelines.trying.fetching import Sender, Visits
from pipelines.trying.pointed import KeptBody
from pipelines.trying.pointing import keep
from pipelines.trying.trial import Order, Trial


def try_pages(
    urls: Iterable[str], sender: Sender, collections: Sequence[Collection] = (), *, details: bool = False
) -> Iterator[Trial]:
    """The trial of each URL. Those of one host are asked with its pause between them.

    With ``details``, that of a list is followed by that of the page of one of its items.
    """
    visits = Visits(fetch_loop().fetcher, sender)
    for url in urls:
        trial, _ = _tried(url, visits, collections)
        yield trial
        if details and (item := item_of(trial)):
            yield _tried(item, visits, collections)[0]


def _tried(url: str, visits: Visits, collections: Sequence[Collection]) -> tuple[Trial, FetchResult]:
    result = fetch_loop().run(visits.visit(url))
    return _trial(url, result, _order(url, result, collections, visits)), result


def try_version(version: Snapshot, sender: Sender, collections: Sequence[Collection] = ()) -> Trial:
    """The trial of a stored version; nobody is asked. Raises :class:`pipelines.archive.ArchiveError`."""
    stored = StoredBodies([version.pk]).read(version.pk, headers=True)
    order = Order(
        url=version.final_url,
        final_url=version.final_url,
        body=stored.body,
        status=version.status,
        content_type=stored.content_type,
        headers=tuple(stored.headers),
        user_agent=sender.user_agent,
        policy=sender.policy.plain(),
        collections=[collection.plain() for collection in collections],
        extractors=str(names.folder()),
    )
    trial = read_in_child(order)
    return msgspec.structs.replace(
        trial, status=version.status, content_type=stored.content_type, size=len(stored.body)
    )


def try_for_site(
    url: str,
    seed_id: int | None,
    collections: Sequence[dict[str, Any]],
    networks: Sequence[str],
    version_id: int | None = None,
) -> tuple[Trial, KeptBody | None]:
    """The trial of one URL as somebody on the site asked for it, by a seed's rules or by none; and its body.

    Without collections, those of the seed are tried. With the id of a stored version, nobody is asked.
    """
    seed = Seed.objects.alive().filter(pk=seed_id).first() if seed_id is not None else None
    try:
        sender = (
            Sender(policy=seed.policy(), headers=seed.header_pairs())
            if seed is not None
            else Sender(policy=CrawlPolicy(start_urls=(url,), allow_networks=tuple(networks)))
        )
    except SealingError as error:
        return Trial(url=url, final_url=url, verdict=Reason.SEALED_HEADERS, detail=str(error)), None
    given = list(map(Collection.of, collections)) or list(sender.policy.collections)
    if version_id is not None:
        return _stored_for_site(url, version_id, sender, given)
    trial, result = _tried(url, Visits(fetch_loop().fetcher, sender), given)
    return trial, None if result.reason else keep(result.url, trial.content_type, result.body)


def _stored_for_site(
    url: str, version_id: int, sender: Sender, collections: Sequence[Collection]
) -> tuple[Trial, KeptBody | None]:
    version = Snapshot.objects.filter(pk=version_id).first()
    try:
        if version is None:
            raise ObjectMissing("it has been deleted")
        stored = StoredBodies([version.pk]).read(version.pk)
        trial = try_version(version, sender, collections)
    except ArchiveError as error:
        detail = f"The stored page cannot be had: {error}."
        return Trial(url=url, final_url=url, verdict=Reason.INTERNAL_ERROR, detail=detail), None
    return trial, keep(version.final_url, stored.content_type, stored.body)


def _order(url: str, result: FetchResult, collections: Sequence[Collection], visits: Visits) -> Order:
    sender = visits.sender
    return Order.of_answer(
        url,
        result,
        user_agent=sender.user_agent,
        policy=sender.policy,
        collections=collections,
        robots=visits.robots(),
    )


def _trial(url: str, result: FetchResult, order: Order) -> Trial:
    """What is shown of an answer: read in another process if it is a page."""
    if result.reason is not None:
        trial = Trial(url=url, verdict=result.reason, detail=result.detail)
    else:
        trial = read_in_child(order)
    return msgspec.structs.replace(
        trial,
        final_url=result.url,
        status=result.status,
        content_type=order.content_type,
        size=len(result.body),
        seconds=round(result.elapsed, 3),
    )
