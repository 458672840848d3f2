"""Trying a page: what the command line shows at once, and the site has a worker fetch and read.

Nothing of a tried page is stored; the site's trials are results of a task, and go as those do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
from django_celery_results.models import TaskResult

from catalog.models import Page, Seed, Snapshot
from crawler.collections import Collection
from crawler.policy import CrawlPolicy
from crawler.rules.keys import Keys
from crawler.rules.scope import ScopeRules
from djsite.desk.audit import AnyUser
from djsite.desk.seeds import may_steer
from pipelines.trying.fetching import Sender
from pipelines.trying.pages import collections_of, try_pages, try_version
from pipelines.trying.trial import OK, Trial
from scheduler import dispatch

__all__ = [
    "OK",
    "Sender",
    "Trial",
    "Tried",
    "answer",
    "ask",
    "collections_of",
    "refusal",
    "sender_of",
    "stored_version",
    "try_here",
    "version",
]


def sender_of(seed: Seed) -> Sender:
    """A seed's rules and headers. Raises :class:`catalog.sealing.SealingError` when no key opens those."""
    return Sender(policy=seed.policy(), headers=seed.header_pairs())


def try_here(
    pages: Iterable[str | Snapshot], sender: Sender, collections: Sequence[Collection]
) -> Iterator[Trial]:
    """The trials of URLs and stored versions, in this process and its child."""
    urls = [page for page in pages if isinstance(page, str)]
    yield from try_pages(urls, sender, collections)
    for page in pages:
        if isinstance(page, Snapshot):
            yield try_version(page, sender, collections)


class Tried(NamedTuple):
    """What came of a try that the site asked for."""

    trial: Trial
    seed: Seed | None
    collections: list[Collection]  # those that were given; empty for the seed's own
    networks: tuple[str, ...]


def refusal(url: str, seed: Seed | None, user: AnyUser) -> str:
    """Why somebody may not try a URL with a seed, in a sentence; empty if they may.

    A seed that staff opened private networks for goes by its own scope only, unless staff try it.
    """
    if seed is None or may_steer(user, seed):
        return ""
    policy = seed.policy()
    if ScopeRules(policy, policy.start_urls).covers(url):
        return ""
    return "This seed may reach private networks: with it, only staff try addresses outside of its scope."


def ask(
    url: str, seed: Seed | None = None, collections: Sequence[Collection] = (), networks: Sequence[str] = ()
) -> str | None:
    """Have a worker try a URL; the key of its answer, or None when no worker can be asked (Redis is away)."""
    plain = [collection.plain() for collection in collections]
    return dispatch.try_page(url, seed.pk if seed else None, plain, list(networks))


def answer(key: str) -> Tried | None:
    """The answer to :func:`ask`; None while there is none. Raises LookupError when the worker failed."""
    row = TaskResult.objects.filter(task_id=key, task_name="try_page").first()
    if row is None or row.status not in ("SUCCESS", "FAILURE"):
        return None
    if row.status == "FAILURE":
        raise LookupError("The page could not be tried, by a fault of ours: the worker's log says which.")
    result = json.loads(row.result)
    return Tried(
        msgspec.convert(result["trial"], Trial),
        Seed.objects.alive().filter(pk=result["seed"]).first(),
        list(map(Collection.of, result["collections"])),
        tuple(result["networks"]),
    )


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
