"""What a file of seeds would change, by name: the preview of an import, and the import itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from catalog.models import Seed
from crawler.seeds.files.reading import FileProblem, WrittenSeed
from crawler.seeds.files.settings import GROUP, SETTINGS
from djsite.desk import seeds as desk
from djsite.desk.audit import AnyUser
from djsite.desk.grouping import groups as grouping
from djsite.desk.seed_files.groups import GroupChange, Groups, words_before
from djsite.desk.seed_files.rows import kept_seeds, put, settings_of
from djsite.desk.seed_files.what import Difference, What
from djsite.desk.seeding.edits import Author


class Change(NamedTuple):
    """What an import does with one seed; the row has the new settings, and is not saved."""

    what: What
    seed: Seed
    differences: tuple[Difference, ...] = ()


class Plan(NamedTuple):
    """What an import does. With problems it does nothing."""

    changes: list[Change]
    problems: list[FileProblem]
    groups: Sequence[GroupChange] = ()  # those that are new or change

    @property
    def does(self) -> int:
        """How many seeds and groups become otherwise."""
        return len(self.changes) - self.count(What.SAME) + len(self.groups)

    def count(self, what: What) -> int:
        """How many seeds."""
        return sum(change.what is what for change in self.changes)


def plan(written: Sequence[WrittenSeed], *, prune: bool = False) -> Plan:
    """What an import of these seeds would do. ``prune``: seeds that the file does not name are deleted."""
    rows = {seed.name: seed for seed in Seed.objects.alive().select_related("group")}
    groups = Groups(written)
    changes: list[Change] = []
    problems: list[FileProblem] = []
    for entry in written:
        row = rows.get(entry.name)
        if row is not None and row.origin != Seed.Origin.SITE:
            text = "'crawlbeat crawl' has made a seed of this name. Choose another name."
            problems.append(entry.problem("name", text))
            continue
        if wrong_group := groups.problem(entry):
            problems.append(wrong_group)
            continue
        change, wrong = _change(entry, row, groups)
        changes.append(change)
        problems += wrong
    if prune:
        names = {entry.name for entry in written}
        changes += [Change(What.DELETED, seed) for seed in kept_seeds() if seed.name not in names]
    return Plan(changes, problems, groups.changes)


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
            _save(planned, now, Author(user, means))
    return planned


def _save(planned: Plan, now: datetime, author: Author) -> None:
    changes = planned.changes
    named = {change.seed.pk for change in changes if change.what is not What.DELETED}
    for group in planned.groups:
        grouping.write(group.group, now, author.user, named)
    for change in changes:
        if change.what in (What.NEW, What.CHANGED):
            desk.save(change.seed, now, author.user, author.means)
    deleted = [change.seed for change in changes if change.what is What.DELETED]
    desk.delete(deleted, now, author.user, author.means)


def _change(entry: WrittenSeed, row: Seed | None, groups: Groups) -> tuple[Change, list[FileProblem]]:
    place = groups.place(entry)
    settings = entry.settings | place.settings | {GROUP: place.words}
    before = {**settings_of(row), GROUP: words_before(row)} if row is not None else {}
    differences = tuple(
        Difference(name, before.get(name), settings[name])
        for name in SETTINGS
        if row is not None and before[name] != settings[name]
    )
    what = What.NEW if row is None else What.CHANGED if differences else What.SAME
    seed = row or Seed()
    if what is What.SAME:
        return Change(what, seed), []
    seed.group, seed.inherits = place.group, list(place.inherits)
    return Change(what, seed, differences), _put(entry._replace(settings=settings), seed)


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
