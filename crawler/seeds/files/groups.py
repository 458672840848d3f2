"""Groups in a file of seeds: a name, and what each gives to its seeds."""

from __future__ import annotations

from typing import Any, NamedTuple

from crawler.seeds.definition import check
from crawler.seeds.files.entry import Entry, FileProblem
from crawler.seeds.files.settings import GIVEN
from crawler.seeds.files.yaml_text import YamlText

GROUPS = "groups"
MAX_GROUPS = 1_000
SCHEDULE = "schedule"
COLUMNS = tuple(column for columns in GIVEN.values() for column in columns)
"""The settings that a group may have."""


class WrittenGroup(NamedTuple):
    """A group of a file: what it gives, in the form that is stored, and its line."""

    name: str
    settings: dict[str, Any]
    line: int


def read_groups(read: YamlText) -> tuple[dict[str, WrittenGroup], list[FileProblem]]:
    """The groups of a text by name, and everything that is wrong with them."""
    groups: dict[str, WrittenGroup] = {}
    problems: list[FileProblem] = []
    entries = read.documents[0].get(GROUPS, [])
    if len(entries) > MAX_GROUPS:
        return {}, [FileProblem(read.lines[0, GROUPS], f"A file holds at most {MAX_GROUPS:,} groups.")]
    for number in range(len(entries)):
        reader = _Reader(read, (0, GROUPS, number))
        if (group := reader.read()) is not None:
            if group.name in groups:
                reader.note("name", f"A group of this name stands in line {groups[group.name].line} already.")
            groups.setdefault(group.name, group)
        problems += reader.problems
    return groups, problems


class _Reader(Entry):
    """Reads one group of a file."""

    WHAT, NAME_LENGTH = "group", 100

    def read(self) -> WrittenGroup | None:
        """The group; None if it has no name to be known by."""
        if not self.is_one(("name", *COLUMNS)):
            return None
        settings = {name: self.setting(name) for name in COLUMNS if name in self.plain}
        if SCHEDULE not in settings and settings.keys() & set(GIVEN[SCHEDULE]):
            self.note("", "Say the schedule, too: manual, interval or cron.")
        checked = {name: value for name, value in settings.items() if name not in self.wrong}
        tidied, problems = check(checked)
        for problem in problems:
            self.note(problem.field, problem.text)
        return WrittenGroup(self.name, tidied, self.lines[self.place])

    def problem(self, line: int, text: str, setting: str) -> FileProblem:
        """It names the group, as no seed is wrong."""
        return FileProblem(line, f"group {self.name!r}: {text}", "", setting)
