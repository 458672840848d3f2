"""Reading a file of seeds: what each says, checked, and the line and setting of everything wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from crawler.seeds.definition import check
from crawler.seeds.files.entry import BEGIN, Entry, FileProblem
from crawler.seeds.files.groups import GROUPS, SCHEDULE, WrittenGroup, read_groups
from crawler.seeds.files.settings import GIVEN, GROUP, SETTINGS
from crawler.seeds.files.yaml_text import WrongYaml, YamlText, read_yaml

__all__ = ["FileProblem", "WrittenSeed", "read_seeds"]

MAX_SEEDS = 20_000
TAG_LENGTH, MAX_TAGS = 50, 50  # characters; words of a seed


class WrittenSeed(NamedTuple):
    """A seed of a file: every setting in the form that is stored, and the lines of those that are said.

    ``group`` is its group if the file says it; else its name may be that of one that is there.
    """

    settings: dict[str, Any]
    lines: dict[str, int]
    line: int
    group: WrittenGroup | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.settings["name"])

    def problem(self, setting: str, text: str) -> FileProblem:
        """Something that is wrong with a setting."""
        return FileProblem(self.lines.get(setting, self.line), text, self.name, setting)


def read_seeds(text: str) -> tuple[list[WrittenSeed], list[FileProblem]]:
    """The seeds of a text, and everything that is wrong with it."""
    try:
        read = read_yaml(text)
    except WrongYaml as error:
        return [], [FileProblem(error.line, str(error))]
    if problem := _wrong_frame(read):
        return [], [problem]
    groups, problems = read_groups(read)
    seeds = []
    for number in range(len(read.documents[0]["seeds"])):
        reader = _Reader(read, (0, "seeds", number))
        if (seed := reader.read()) is not None:
            seeds.append(seed._replace(group=groups.get(seed.settings[GROUP])))
        problems += reader.problems
    return seeds, [*problems, *_same_names(seeds), *_without_seeds(groups, seeds)]


def _wrong_frame(read: YamlText) -> FileProblem | None:
    """What is wrong around the seeds."""
    if not read.documents or read.documents == [None]:
        return FileProblem(1, f"The file holds no seeds. {BEGIN}")
    if len(read.documents) > 1:
        return FileProblem(read.lines[1,], "A file is one list of seeds: leave out the line '---'.")
    (whole,) = read.documents
    if not isinstance(whole, Mapping) or not isinstance(whole.get("seeds"), list):
        return FileProblem(read.lines[0,], f"This is no list of seeds. {BEGIN}")
    if unknown := [name for name in whole if name not in ("seeds", GROUPS)]:
        return FileProblem(read.lines[0, unknown[0]], f"{unknown[0]!r} is not known. {BEGIN}")
    if not isinstance(whole.get(GROUPS, []), list):
        return FileProblem(read.lines[0, GROUPS], "It has to be a list, with '- name:' before each group.")
    if len(whole["seeds"]) > MAX_SEEDS:
        return FileProblem(1, f"A file holds at most {MAX_SEEDS:,} seeds. Split it.")
    return None


def _same_names(seeds: list[WrittenSeed]) -> list[FileProblem]:
    first: dict[str, int] = {}
    problems = []
    for seed in seeds:
        line = seed.lines.get("name", seed.line)
        if first.setdefault(seed.name, line) != line:
            text = f"A seed of this name stands in line {first[seed.name]} already. Give each its own."
            problems.append(seed.problem("name", text))
    return problems


def _without_seeds(groups: Mapping[str, WrittenGroup], seeds: list[WrittenSeed]) -> list[FileProblem]:
    """Groups that no seed of the file is in: a slip, or they would be forgotten."""
    used = {seed.settings[GROUP] for seed in seeds}
    text = "No seed of this file is in the group {!r}: leave it out, or say 'group:' at its seeds."
    return [FileProblem(group.line, text.format(name)) for name, group in groups.items() if name not in used]


class _Reader(Entry):
    """Reads one seed of a file."""

    def read(self) -> WrittenSeed | None:
        """The seed; None if it has no name to be known by."""
        if not self.is_one(SETTINGS):
            return None
        settings = {name: self.setting(name) for name in SETTINGS}
        self._tags(settings["tags"])
        if not settings["start_urls"] and not self.wrong & {"start_urls"}:
            self.note("start_urls", "Give it at least one address to begin with.")
        checked = {name: settings[name] for name in SETTINGS.keys() - self.wrong - self._left_to_group()}
        tidied, problems = check(checked)
        for problem in problems:
            self.note(problem.field, problem.text, problem.line)
        lines = {name: self.lines[(*self.place, name)] for name in SETTINGS.keys() & self.plain.keys()}
        return WrittenSeed(settings | tidied, lines, self.lines[self.place])

    def _left_to_group(self) -> set[str]:
        """The schedule, if its group may give it: whoever knows the group checks it."""
        schedule = set(GIVEN[SCHEDULE])
        return schedule if self.plain.get(GROUP) and not schedule & self.plain.keys() else set()

    def _tags(self, tags: list[str]) -> None:
        if len(tags) > MAX_TAGS or max(map(len, tags), default=0) > TAG_LENGTH:
            self.note("tags", f"A seed has at most {MAX_TAGS} tags of at most {TAG_LENGTH} characters.")
        elif len(set(tags)) < len(tags):
            self.note("tags", "A tag stands here twice.")
