"""Failures that somebody accepted: which a run met, and which are over because the address did otherwise.

Nothing here is on the path of a page: a run is looked at when it ends, and when somebody accepts or takes
back. A seed without a known failure costs one look at an index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from catalog.models import KnownFailure, Run, Visit
from crawler.outcomes import Outcome

CHUNK = 500  # addresses of one statement
Ending = KnownFailure.Ending


class Met(NamedTuple):
    """How a visit to an address with a known failure ended."""

    outcome: Outcome
    reason: str


def count_known(run: Run, now: datetime) -> int:
    """Count the known failures that an ended run met, and end those that it shows to be over.

    Call it in a transaction that holds the lock on the run's row; returns the number, which is not saved.
    """
    known = list(KnownFailure.objects.in_force().filter(seed=run.seed_id).order_by("pk"))
    count = 0
    for chunk in _chunks(known):
        met = _met(run.pk, [each.fingerprint for each in chunk])
        endings = {each.pk: ending_of(each.reason, met.get(each.fingerprint)) for each in chunk}
        for ending in (Ending.ANSWERED, Ending.OTHER):
            _end([pk for pk, how in endings.items() if how == ending], ending, now)
        count += sum(each.fingerprint in met and endings[each.pk] is None for each in chunk)
    return count


def save_known(run: Run, now: datetime) -> None:
    """:func:`count_known` for a run that has just ended, in the transaction in which it does."""
    if known := count_known(run, now):
        Run.objects.filter(pk=run.pk).update(known_failures=known)


def ending_of(reason: str, met: Met | None) -> KnownFailure.Ending | None:
    """How a failure for ``reason`` is over; None while it is not. What was not asked says nothing."""
    if met is None:
        return None
    if met.outcome != Outcome.FAILED:
        return Ending.ANSWERED
    return None if met.reason == reason else Ending.OTHER


def _met(run_id: int, fingerprints: Sequence[int]) -> dict[int, Met]:
    """The visits of these addresses that ended with an answer or a failure, by fingerprint."""
    visits = Visit.objects.filter(run=run_id, fingerprint__in=fingerprints, state=Visit.State.DONE)
    rows = visits.exclude(outcome=Outcome.SKIPPED).values_list("fingerprint", "outcome", "reason")
    return {fingerprint: Met(Outcome(outcome or 0), reason or "") for fingerprint, outcome, reason in rows}


def _end(keys: Sequence[int], ending: KnownFailure.Ending, now: datetime) -> None:
    if keys:
        KnownFailure.objects.in_force().filter(pk__in=keys).update(ended_at=now, ending=ending)


def _chunks(known: Sequence[KnownFailure]) -> Iterator[Sequence[KnownFailure]]:
    for start in range(0, len(known), CHUNK):
        yield known[start : start + CHUNK]
