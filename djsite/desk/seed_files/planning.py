"""What a file of seeds would change, by name: the preview of an import, and the import itself."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from catalog.models import Seed
from crawler.seeds.files.reading import FileProblem, WrittenSeed
from crawler.seeds.files.settings import SETTINGS
from djsite.desk import seeds as desk
from djsite.desk.audit import AnyUser
from djsite.desk.seed_files.rows import kept_seeds, put, settings_of
from djsite.desk.seeding.edits import Author


class What(enum.StrEnum):
    """What an import does with a seed."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DELETED = "deleted"


class Difference(NamedTuple):
    """A setting that an import changes, before and after."""

    setting: str
    before: Any
    after: Any


class Change(NamedTuple):
    """What an import does with one seed; the row has the new settings, and is not saved."""

    what: What
    seed: Seed
    differences: tuple[Difference, ...] = ()


class Plan(NamedTuple):
    """What an import does. With problems it does nothing."""

    changes: list[Change]
    problems: list[FileProblem]

    def count(self, what: What) -> int:
        """How many seeds."""
        return sum(change.what is what for change in self.changes)


def plan(written: Sequence[WrittenSeed], *, prune: bool = False) -> Plan:
    """What an import of these seeds would do. ``prune``: seeds that the file does not name are deleted."""
    rows = {seed.name: seed for seed in Seed.objects.alive()}
    changes, problems = [], []
    for entry in written:
        row = rows.get(entry.name)
        if row is not None and row.origin != Seed.Origin.SITE:
            text = "'crawlbeat crawl' has made a seed of this name. Choose another name."
            problems.append(entry.problem("name", text))
            continue
        change, wrong = _change(entry, row)
        changes.append(change)
        problems += wrong
    if prune:
        names = {entry.name for entry in written}
        changes += [Change(What.DELETED, seed) for seed in kept_seeds() if seed.name not in names]
    return Plan(changes, problems)


def bring_in(
    written: Sequence[WrittenSeed],
    now: datetime,
    *,
    prune: bool = False,
    user: AnyUser | None = None,
    means: str = "",
) -> Plan:
    """Import these seeds, all or none; what was done, or the problems for which nothing was.

    Raises PermissionDenied as :func:`djsite.desk.seeds.save` does.
    """
    with transaction.atomic():
        planned = plan(written, prune=prune)
        if not planned.problems:
            _save(planned.changes, now, Author(user, means))
    return planned


def _save(changes: Iterable[Change], now: datetime, author: Author) -> None:
    for change in changes:
        if change.what in (What.NEW, What.CHANGED):
            desk.save(change.seed, now, author.user, author.means)
    deleted = [change.seed for change in changes if change.what is What.DELETED]
    desk.delete(deleted, now, author.user, author.means)


def _change(entry: WrittenSeed, row: Seed | None) -> tuple[Change, list[FileProblem]]:
    before = settings_of(row) if row is not None else {}
    differences = tuple(
        Difference(name, before.get(name), entry.settings[name])
        for name in SETTINGS
        if row is not None and before[name] != entry.settings[name]
    )
    what = What.NEW if row is None else What.CHANGED if differences else What.SAME
    seed = row or Seed()
    return Change(what, seed, differences), [] if what is What.SAME else _put(entry, seed)


def _put(entry: WrittenSeed, seed: Seed) -> list[FileProblem]:
    try:
        put(entry.settings, seed)
    except ValidationError as error:
        return [entry.problem("headers", text) for text in error.messages]
    try:
        seed.clean_fields()
    except ValidationError as error:
        wrong = error.message_dict.items()
        return [entry.problem(name, text) for name, texts in wrong for text in texts]
    return []
