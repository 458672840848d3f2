"""Reading a file of seeds: what each says, checked, and the line and setting of everything wrong."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, NamedTuple

from crawler.seeds import checks
from crawler.seeds.definition import check
from crawler.seeds.field_lines import field_of_line
from crawler.seeds.files.settings import (
    SETTINGS,
    Kind,
    default_of,
    kind_of,
    may_be_nothing,
    of_word,
    words,
)
from crawler.seeds.files.yaml_text import Place, WrongYaml, YamlText, read_yaml

MAX_SEEDS = 20_000
NAME_LENGTH, TAG_LENGTH, MAX_TAGS = 200, 50, 50  # characters; words of a seed
_BEGIN = "It begins with 'seeds:', and each seed below with '- name:'."


class FileProblem(NamedTuple):
    """What is wrong in a file, in a sentence for people: the line, from 1, and of which seed and setting."""

    line: int
    text: str
    seed: str = ""
    setting: str = ""

    def __str__(self) -> str:
        seed = f", seed {self.seed!r}" if self.seed else ""
        setting = f", {self.setting}" if self.setting else ""
        return f"line {self.line}{seed}{setting}: {self.text}"


class WrittenSeed(NamedTuple):
    """A seed of a file: every setting in the form that is stored, and the lines of those that are said."""

    settings: dict[str, Any]
    lines: dict[str, int]
    line: int

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
    seeds, problems = [], []
    for number in range(len(read.documents[0]["seeds"])):
        reader = _Reader(read, (0, "seeds", number))
        if (seed := reader.read()) is not None:
            seeds.append(seed)
        problems += reader.problems
    return seeds, problems + _same_names(seeds)


def _wrong_frame(read: YamlText) -> FileProblem | None:
    """What is wrong around the seeds."""
    if not read.documents or read.documents == [None]:
        return FileProblem(1, f"The file holds no seeds. {_BEGIN}")
    if len(read.documents) > 1:
        return FileProblem(read.lines[1,], "A file is one list of seeds: leave out the line '---'.")
    (whole,) = read.documents
    if not isinstance(whole, Mapping) or not isinstance(whole.get("seeds"), list):
        return FileProblem(read.lines[0,], f"This is no list of seeds. {_BEGIN}")
    if unknown := [name for name in whole if name != "seeds"]:
        return FileProblem(read.lines[0, unknown[0]], f"{unknown[0]!r} is not known. {_BEGIN}")
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


class _Reader:
    """Reads one seed of a file and notes what is wrong with it."""

    def __init__(self, read: YamlText, place: Place) -> None:
        self.plain: Any = read.documents[0]["seeds"][place[-1]]
        self.lines, self.place = read.lines, place
        self.problems: list[FileProblem] = []
        self.name = ""
        self.wrong: set[str] = set()  # settings that are not in the form that is checked

    def read(self) -> WrittenSeed | None:
        """The seed; None if it has no name to be known by."""
        if not isinstance(self.plain, Mapping) or not self._read_name():
            if not self.problems:
                self._note("", f"This is no seed. {_BEGIN}")
            return None
        for unknown in self.plain.keys() - SETTINGS.keys():
            near = difflib.get_close_matches(str(unknown), SETTINGS, 1)
            hint = f"Did you mean {near[0]!r}?" if near else "docs/seeds.schema.json has all of them."
            self._note(unknown, f"There is no such setting. {hint}")
        settings = {name: self._setting(name) for name in SETTINGS}
        self._tags(settings["tags"])
        if not settings["start_urls"] and not self.wrong & {"start_urls"}:
            self._note("start_urls", "Give it at least one address to begin with.")
        checked = {name: settings[name] for name in SETTINGS.keys() - self.wrong}
        tidied, problems = check(checked)
        for problem in problems:
            self._note(problem.field, problem.text, problem.line)
        lines = {name: self.lines[(*self.place, name)] for name in SETTINGS.keys() & self.plain.keys()}
        return WrittenSeed(settings | tidied, lines, self.lines[self.place])

    def _read_name(self) -> bool:
        name = self.plain.get("name")
        if isinstance(name, str) and 0 < len(checks.name(name)) <= NAME_LENGTH:
            self.name = checks.name(name)
            return True
        self._note("name", f"A seed needs a name: a text of at most {NAME_LENGTH} characters, in quotes.")
        return False

    def _setting(self, name: str) -> Any:
        """A setting in the form that is checked; what is not said, or wrong, is as usual."""
        if name not in self.plain:
            return default_of(name)
        value, kind = self.plain[name], kind_of(name)
        if kind is Kind.CHOICE and value in words(name):
            return of_word(name, value)
        if kind is Kind.LINES and _is_lines(value):
            return value if name == "tags" else "\n".join(value)
        if kind is Kind.PARTS and isinstance(value, list):
            return self._fields(value) if name == "fields" else value
        if kind in (Kind.FLAG, Kind.NUMBER, Kind.TEXT) and _fits(name, kind, value):
            return value
        self.wrong.add(name)
        known = f": {', '.join(words(name))}" if kind is Kind.CHOICE else ""
        self._note(name, f"It {kind.value}{known}.")
        return default_of(name)

    def _fields(self, entries: list[Any]) -> list[Any]:
        """Fields in plain form; those that people wrote in a line are read."""
        plain = []
        for number, entry in enumerate(entries, start=1):
            try:
                plain.append(field_of_line(entry).plain() if isinstance(entry, str) else entry)
            except ValueError as error:
                self._note("fields", str(error), number)
                self.wrong.add("fields")
        return plain

    def _tags(self, tags: list[str]) -> None:
        if len(tags) > MAX_TAGS or max(map(len, tags), default=0) > TAG_LENGTH:
            self._note("tags", f"A seed has at most {MAX_TAGS} tags of at most {TAG_LENGTH} characters.")
        elif len(set(tags)) < len(tags):
            self._note("tags", "A tag stands here twice.")

    def _note(self, setting: str, text: str, entry: int | None = None) -> None:
        """Something is wrong with a setting, or with an entry of it, which counts from 1."""
        places = [(*self.place, setting, (entry or 0) - 1), (*self.place, setting), self.place]
        line = next(self.lines[place] for place in places if place in self.lines)
        self.problems.append(FileProblem(line, text, self.name, setting))


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(line, str) and line.strip() and len(line.splitlines()) == 1 for line in value
    )


def _fits(name: str, kind: Kind, value: Any) -> bool:
    if kind is Kind.FLAG or isinstance(value, bool):
        return kind is Kind.FLAG and isinstance(value, bool)
    if kind is Kind.TEXT:
        return isinstance(value, str)
    if value is None:
        return may_be_nothing(name)
    return isinstance(value, int) or (isinstance(value, float) and name != "interval_seconds")
