"""Repairing the rules of a collection that fell: a worker proposes, a person takes.

Nothing is stored beside the result of the task, which is deleted as the results of all tasks are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django_celery_results.models import TaskResult

from catalog.models import Coverage, Seed
from crawler.collections import PAGES, Collection, Field, Rule
from djsite.desk import audit, seeds
from djsite.desk.audit import AnyUser
from pipelines.quality.measure import accept_falls
from pipelines.quality.proposals import Proposals
from scheduler import dispatch

__all__ = ["Proposals", "accept", "answer", "ask", "take"]

TASK = "propose_rules"


def ask(seed: Seed, collection: str) -> str | None:
    """Have a worker look for rules; the key of its answer, or None when Redis is away."""
    return dispatch.propose_rules(seed.pk, collection)


def answer(seed: Seed, key: str) -> Proposals | None:
    """The answer to :func:`ask`; None while there is none.

    Raises:
        LookupError: the worker failed, or was asked for another seed; with a sentence.
    """
    row = TaskResult.objects.filter(task_id=key, task_name=TASK).first()
    if row is None or row.status not in ("SUCCESS", "FAILURE"):
        return None
    if row.status == "FAILURE":
        raise LookupError("No rules could be looked for, by a fault of ours: the worker's log says which.")
    result = json.loads(row.result)
    if result["seed"] != seed.pk:
        raise LookupError("These proposals are for another seed.")
    return msgspec.convert(result["proposals"], Proposals)


def take(seed: Seed, proposals: Proposals, choices: Mapping[str, int], now: datetime, user: AnyUser) -> None:
    """Put the proposed rules in force: of each field the one that was chosen, else the best.

    Raises:
        LookupError: the rules of the collection are not those for which this was proposed; with a sentence.
        PermissionDenied: as in :func:`djsite.desk.seeds.save`.
    """
    present = {each.name: each for each in seed.policy().collections}
    name = str(proposals.collection.get("name", ""))
    if name not in present or present[name].plain() != proposals.collection:
        raise LookupError("The rules have changed since this was proposed. Repair them again.")
    if not seeds.may_steer(user, seed):
        raise PermissionDenied("Only staff change a seed that may reach private networks.")
    mended = _mended(present[name], proposals, choices)
    if name == PAGES and seed.fields:
        seed.fields = [field.plain() for field in mended.fields]
    else:
        seed.collections = [mended.plain() if each["name"] == name else each for each in seed.collections]
    seeds.save(seed, now, user)
    audit.note(user, [seed], f"The rules of {name} were repaired")


def accept(seed: Seed, coverage_id: int, now: datetime, user: AnyUser) -> str | None:
    """What fell in a collection is really gone. Its name; None if the run has no such coverage any more."""
    row = Coverage.objects.filter(pk=coverage_id, run__seed=seed).first()
    if row is None:
        return None
    accept_falls(row.pk, now)
    dispatch.settle_falls(row.pk)
    audit.note(user, [seed], f"What fell in {row.collection} was said to be gone")
    return row.collection


def _mended(collection: Collection, proposals: Proposals, choices: Mapping[str, int]) -> Collection:
    chosen: dict[str, dict[str, Any]] = {}
    for part in proposals.broken:
        if part.proposed:
            chosen[part.name] = part.proposed[min(choices.get(part.name, 0), len(part.proposed) - 1)].plain
    items = Rule.of(chosen.pop("")) if "" in chosen else collection.items
    fields = tuple(Field.of(chosen[each.name]) if each.name in chosen else each for each in collection.fields)
    return msgspec.structs.replace(collection, items=items, fields=fields)
