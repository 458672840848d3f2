"""Patterns that somebody left out of a run while it goes: what waits of them is skipped.

The pattern stands in the policy of the run first; from then on store admits nothing that it matches, under
the same lock on the run's row. So one pass over the waiting visits meets all of them. If it is interrupted,
the sweep goes on with it. What is in hand then is stored, or tried again, as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F

from catalog.models import Run, Visit
from crawler.outcomes import Outcome, Reason
from crawler.rules.patterns import Patterns
from pipelines.frontier import hosts

CHUNK = 500  # visits a transaction skips


def leave_out(run: Run, pattern: str, by: str, now: datetime) -> bool:
    """Add a usable pattern to a run under way; False if it is over, or leaves it out already.

    Call it in a transaction; :func:`skip_left_out` then skips what waits.
    """
    locked = Run.objects.select_for_update().open().filter(pk=run.pk).first()
    if locked is None or pattern in (policy := locked.policy).exclude:
        return False
    locked.policy_json = msgspec.structs.replace(policy, exclude=(*policy.exclude, pattern)).plain()
    entry = {"pattern": pattern, "by": by, "at": now.isoformat(), "settled": False}
    locked.left_out = [*locked.left_out, entry]
    locked.save(update_fields=["policy_json", "left_out"])
    return True


def runs_to_settle() -> list[int]:
    """Runs under way with a pattern of which some visits may still wait."""
    rows = Run.objects.open().exclude(left_out=[]).values_list("pk", "left_out")
    return [pk for pk, entries in rows if _patterns(entries)]


def skip_left_out(run_id: int, now: datetime) -> set[int]:
    """Skip the waiting visits of what was left out of a run; returns the hosts whose queue changed."""
    run = Run.objects.open().filter(pk=run_id).only("left_out").first()
    patterns = _patterns(run.left_out) if run else []
    if not patterns:
        return set()
    touched: set[int] = set()
    for chunk in _chunks(_waiting(run_id, patterns)):
        touched |= _skip(run_id, chunk)
    for chunk in _chunks(sorted(touched)):
        hosts.requeue(chunk, now)
    _settle(run_id, patterns)
    return touched


def _patterns(entries: Sequence[dict[str, Any]]) -> list[str]:
    return [str(entry["pattern"]) for entry in entries if not entry["settled"]]


def _waiting(run_id: int, patterns: Sequence[str]) -> list[int]:
    """The waiting visits that match; all of them are read before the first is written."""
    matches = Patterns(patterns).match
    visits = Visit.objects.filter(run=run_id, state__lt=Visit.State.FETCHED)
    rows = visits.values_list("pk", "url").iterator(chunk_size=2000)
    return sorted(pk for pk, url in rows if matches(url))


@transaction.atomic
def _skip(run_id: int, keys: Sequence[int]) -> set[int]:
    Run.objects.select_for_update().only("pk").get(pk=run_id)
    waiting = Visit.objects.filter(pk__in=keys, state__lt=Visit.State.FETCHED)
    touched = set(waiting.values_list("host_id", flat=True))
    skipped = waiting.update(state=Visit.State.DONE, outcome=Outcome.SKIPPED, reason=Reason.LEFT_OUT)
    Run.objects.filter(pk=run_id).update(skipped=F("skipped") + skipped)
    return touched


@transaction.atomic
def _settle(run_id: int, patterns: Sequence[str]) -> None:
    run = Run.objects.select_for_update().get(pk=run_id)
    run.left_out = [
        {**entry, "settled": entry["settled"] or entry["pattern"] in patterns} for entry in run.left_out
    ]
    run.save(update_fields=["left_out"])


def _chunks(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]
