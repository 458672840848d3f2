"""The groups that seeds of a file are in: what an import does with each, and what each gives to a seed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from catalog.models import Seed, SeedGroup
from crawler.seeds import check
from crawler.seeds.files.groups import COLUMNS, SCHEDULE, WrittenGroup
from crawler.seeds.files.reading import FileProblem, WrittenSeed
from crawler.seeds.files.settings import GIVEN, GROUP
from djsite.desk.grouping.settings import LABELS, columns_of, given, taken
from djsite.desk.seed_files.what import Difference, What


class GroupChange(NamedTuple):
    """What an import does with a group; the row has the new settings, and is not saved."""

    what: What
    group: SeedGroup
    differences: tuple[Difference, ...]


class Place(NamedTuple):
    """The group of a seed, and what the seed takes of it: names of settings, and its columns."""

    group: SeedGroup | None = None
    inherits: Sequence[str] = ()
    settings: dict[str, Any] = {}  # noqa: RUF012  never written

    @property
    def words(self) -> str:
        """The group, and what of it the seed does not take, for people."""
        return words_of(self.group, self.inherits)


class Groups:
    """Groups by name, as a file says them, else as they are; and what of them is new or changes."""

    def __init__(self, written: Sequence[WrittenSeed]) -> None:
        self._rows = {group.name: group for group in SeedGroup.objects.all()}
        said = {entry.group.name: entry.group for entry in written if entry.group is not None}
        found = [self._change(group) for group in said.values()]
        self.changes = [change for change in found if change.what is not What.SAME]

    def _change(self, written: WrittenGroup) -> GroupChange:
        row = self._rows.setdefault(written.name, SeedGroup(name=written.name))
        before, row.settings = row.settings, written.settings
        differences = tuple(
            Difference(name, before.get(name), written.settings.get(name))
            for name in COLUMNS
            if row.pk is not None and before.get(name) != written.settings.get(name)
        )
        what = What.NEW if row.pk is None else What.CHANGED if differences else What.SAME
        return GroupChange(what, row, differences)

    def place(self, entry: WrittenSeed) -> Place:
        """Where a seed is to be; what the file says of it is its own."""
        name = entry.settings[GROUP]
        if not name:
            return Place()
        group = self._rows[name]
        gives = columns_of(group.settings, given(group.settings))
        own = gives.keys() & entry.lines.keys()
        inherits = [each for each in given(group.settings) if not own & set(columns_of(gives, [each]))]
        return Place(group, inherits, columns_of(group.settings, inherits))

    def problem(self, entry: WrittenSeed) -> FileProblem | None:
        """That there is no such group, or that neither it nor the seed says when the seed runs."""
        name = entry.settings[GROUP]
        if not name:
            return None
        if name not in self._rows:
            return entry.problem(GROUP, f"There is no group {name!r}. Say what it gives, under 'groups:'.")
        settings = entry.settings | self.place(entry).settings
        _, problems = check({column: settings[column] for column in GIVEN[SCHEDULE]})
        return entry.problem(problems[0].field, problems[0].text) if problems else None


def words_of(group: SeedGroup | None, inherits: Collection[str]) -> str:
    """A group, and which of its settings a seed has of its own; empty for none."""
    if group is None:
        return ""
    own = [LABELS[name].lower() for name in given(group.settings) if name not in inherits]
    return f"{group.name}, with its own {', '.join(own)}" if own else group.name


def words_before(seed: Seed) -> str:
    """The same of a seed as it is."""
    return words_of(seed.group, taken(seed))
