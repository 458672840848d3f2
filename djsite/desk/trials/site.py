"""Trying for the site: a worker fetches and reads, and the result of its task is the answer.

Nothing of a tried page is stored beside that result, which is deleted as the results of all tasks are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from catalog.models import Seed, Snapshot
from crawler.collections import Collection
from crawler.rules.scope import ScopeRules
from djsite.desk.audit import AnyUser
from djsite.desk.seeds import may_steer
from pipelines.trying.trial import OK, Trial
from scheduler import dispatch, results

__all__ = ["OK", "Trial", "Tried", "answer", "ask", "refusal"]


FAULT = "The page could not be tried, by a fault of ours: the worker's log says which."


class Tried(NamedTuple):
    """What came of a try that the site asked for."""

    trial: Trial
    seed: Seed | None
    collections: list[Collection]  # those that were given; empty for the seed's own
    networks: tuple[str, ...]
    can_point: bool  # its body was kept
    version: int | None = None  # the stored version that was tried


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
    url: str,
    seed: Seed | None = None,
    collections: Sequence[Collection] = (),
    networks: Sequence[str] = (),
    version: Snapshot | None = None,
) -> str | None:
    """Have a worker try a URL, or a stored version of it.

    Returns the key of the answer, or None when no worker can be asked (Redis is away).
    """
    plain = [collection.plain() for collection in collections]
    stored = version.pk if version else None
    return dispatch.try_page(url, seed.pk if seed else None, plain, list(networks), stored)


def answer(key: str) -> Tried | None:
    """The answer to :func:`ask`; None while there is none. Raises LookupError when the worker failed."""
    try:
        result = results.result_of(key, "try_page")
    except LookupError as error:
        raise LookupError(FAULT) from error
    if result is None:
        return None
    return Tried(
        msgspec.convert(result["trial"], Trial),
        Seed.objects.alive().filter(pk=result["seed"]).first(),
        list(map(Collection.of, result["collections"])),
        tuple(result["networks"]),
        result["body"] is not None,
        result.get("version"),  # of an earlier release, there is none
    )
