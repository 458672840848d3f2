"""Accepting a failure: it stays visible, is counted apart and colours no run, until it is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from catalog.models import KnownFailure, Run, Seed, Visit
from catalog.models.decided.known_failure import KnownFailureQuerySet
from crawler.outcomes import Outcome
from djsite.desk import audit
from djsite.desk.audit import AnyUser
from djsite.desk.seeding.edits import Author
from pipelines.runs.known_failures import count_known

MOST = 10_000  # addresses in one request


def failures_of(run: Run, reason: str = "") -> QuerySet[Visit]:
    """The visits of a run that failed, for a reason or for any."""
    failed = Visit.objects.filter(run=run.pk, state=Visit.State.DONE, outcome=Outcome.FAILED)
    return failed.filter(reason=reason) if reason else failed


def accept(run: Run, failures: QuerySet[Visit], now: datetime, author: Author) -> int:
    """Accept these failures of a run, each for the reason that it has there; how many are new.

    Of more than :data:`MOST` the first are accepted. The newest run of the seed is counted, too, and shows
    whether an address answers since: then it is over at once.
    """
    with transaction.atomic():
        seed = Seed.objects.select_for_update(no_key=True).get(pk=run.seed_id)
        known = dict(seed.known_failures.in_force().values_list("fingerprint", "reason"))
        rows = failures.order_by("pk").values_list("fingerprint", "url", "reason")[:MOST]
        wanted = {each[0]: each for each in rows if each[2] and known.get(each[0]) != each[2]}
        _end(seed.known_failures.filter(fingerprint__in=wanted.keys() & known.keys()), now, author)
        person = _key(author.user)
        KnownFailure.objects.bulk_create(
            (
                KnownFailure(
                    seed=seed,
                    fingerprint=fingerprint,
                    url=url,
                    reason=reason or "",
                    person_id=person,
                    means=author.by,
                    at=now,
                )
                for fingerprint, url, reason in wanted.values()
            ),
            batch_size=500,
        )
        _count_again(seed, [run.pk], now)
        if wanted:
            audit.note(
                author.user, [seed], f"Failures accepted: {_named([row[1] for row in wanted.values()])}"
            )
    return len(wanted)


def take_back(known: KnownFailureQuerySet, seed: Seed, now: datetime, author: Author) -> int:
    """Let these failures of a seed count again; how many were in force."""
    with transaction.atomic():
        Seed.objects.select_for_update(no_key=True).get(pk=seed.pk)
        in_force = known.in_force().filter(seed=seed)
        addresses = list(in_force.values_list("url", flat=True)[:MOST])
        ended = _end(in_force, now, author)
        _count_again(seed, (), now)
        if ended:
            audit.note(author.user, [seed], f"Failures count again: {_named(addresses)}")
    return ended


def _end(known: KnownFailureQuerySet, now: datetime, author: Author) -> int:
    return (
        known.in_force()
        .order_by()
        .update(ended_at=now, ending=KnownFailure.Ending.TAKEN_BACK, ended_by=_key(author.user))
    )


def _count_again(seed: Seed, runs: Iterable[int], now: datetime) -> None:
    """Count the known failures of these runs and of the seed's newest one that has ended."""
    ended = Run.objects.filter(seed=seed, state=Run.State.FINISHED)
    newest = ended.exclude(kind=Run.Kind.RECRAWL).order_by("-pk").values_list("pk", flat=True)[:1]
    for pk in sorted({*runs, *newest}):
        if run := ended.select_for_update().filter(pk=pk).first():
            run.known_failures = count_known(run, now)
            run.save(update_fields=["known_failures"])


def _key(user: AnyUser | None) -> int | None:
    return None if user is None else user.pk


def _named(addresses: Sequence[str]) -> str:
    more = f" and {len(addresses) - 1:,} more" if len(addresses) > 1 else ""
    return f"{addresses[0]}{more}"
