"""What people ask for: to read again, and what becomes of the result."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from catalog.models import Rereading, Seed, Snapshot
from pipelines.runs.rule_sets import save_rules

State = Rereading.State


class NoRereading(ValueError):
    """It cannot be done now. The text is for people."""


def ask(
    seed: Seed,
    now: datetime,
    *,
    since: datetime | None = None,
    collection: str = "",
    user_id: int | None = None,
) -> Rereading:
    """Have stored versions of a seed read by its rules as they are now. One that is not over goes on.

    With ``since``, older versions are left out, but never the latest of a page. Raises :class:`NoRereading`.
    """
    names = [each.name for each in seed.policy().collections]
    if not names:
        raise NoRereading(f"“{seed.name}” has no rules: there is nothing to read by.")
    if collection and collection not in names:
        raise NoRereading(f"“{seed.name}” has no collection {collection!r}: it has {', '.join(names)}.")
    save_rules(seed, now, user_id)
    last = Snapshot.objects.aggregate(last=Max("pk"))["last"] or 0
    rules = seed.rule_sets.latest("in_force_since")
    try:
        with transaction.atomic():
            return Rereading.objects.create(
                seed=seed, rule_set=rules, since=since, collection=collection, last_snapshot=last,
                created_by_id=user_id, created_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        unfinished = seed.rereadings.filter(finished_at=None).first()
        if unfinished is None or (rules.pk, collection, since) != _terms(unfinished):
            raise NoRereading(
                f"“{seed.name}” is being read again already, otherwise: use its result or drop it first."
            ) from error
        return unfinished


def _terms(rereading: Rereading) -> tuple[int, str, datetime | None]:
    """By which rules it reads what."""
    return rereading.rule_set_id, rereading.collection, rereading.since


def promote(rereading: Rereading) -> None:
    """Have the result used. Raises :class:`NoRereading` if there is none, or if the rules are others now."""
    if rereading.state in (State.PROMOTING, State.PROMOTED):
        return
    newest = rereading.seed.rule_sets.latest("in_force_since")
    if newest.pk != rereading.rule_set_id:
        raise NoRereading("The rules of the seed have changed since: drop this result, and read again.")
    compared = Rereading.objects.filter(pk=rereading.pk, state=State.COMPARED)
    if not compared.update(state=State.PROMOTING, place=None):
        raise NoRereading("There is no difference to promote yet.")
    rereading.refresh_from_db()


def drop(rereading: Rereading) -> None:
    """Have what was read deleted. Raises :class:`NoRereading` if its promotion has begun."""
    droppable = [State.WAITING, State.READING, State.COMPARED, State.DROPPED]
    if not Rereading.objects.filter(pk=rereading.pk, state__in=droppable).update(state=State.DROPPED):
        raise NoRereading("Its promotion has begun, so it cannot be dropped.")
    rereading.refresh_from_db()
