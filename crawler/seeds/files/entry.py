"""Reading one entry of a file of seeds: its name and settings, and what is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from crawler.seeds import checks
from crawler.seeds.field_lines import field_of_line
from crawler.seeds.files.settings import Kind, default_of, kind_of, may_be_nothing, of_word, words
from crawler.seeds.files.yaml_text import Place, YamlText

BEGIN = "It begins with 'seeds:', and each seed below with '- name:'."


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


class Entry:
    """Reads an entry of a list and notes what is wrong with it."""

    WHAT, NAME_LENGTH = "seed", 200  # characters

    def __init__(self, read: YamlText, place: Place) -> None:
        self.plain: Any = read.documents[0][place[1]][place[-1]]
        self.lines, self.place = read.lines, place
        self.problems: list[FileProblem] = []
        self.name = ""
        self.wrong: set[str] = set()  # settings that are not in the form that is checked

    def is_one(self, known: Collection[str]) -> bool:
        """Whether it has a name to be known by; a setting that is none of these is wrong."""
        if not isinstance(self.plain, Mapping) or not self._read_name():
            if not self.problems:
                self.note("", f"This is no {self.WHAT}. {BEGIN}")
            return False
        for unknown in self.plain.keys() - set(known):
            near = difflib.get_close_matches(str(unknown), known, 1)
            hint = f"Did you mean {near[0]!r}?" if near else "docs/seeds.schema.json has all of them."
            self.note(unknown, f"There is no such setting. {hint}")
        return True

    def _read_name(self) -> bool:
        name = self.plain.get("name")
        if isinstance(name, str) and 0 < len(checks.name(name)) <= self.NAME_LENGTH:
            self.name = checks.name(name)
            return True
        self.note(
            "name",
            f"A {self.WHAT} needs a name: a text of at most {self.NAME_LENGTH} characters, in quotes.",
        )
        return False

    def setting(self, name: str) -> Any:
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
        self.note(name, f"It {kind.value}{known}.")
        return default_of(name)

    def _fields(self, entries: list[Any]) -> list[Any]:
        """Fields in plain form; those that people wrote in a line are read."""
        plain = []
        for number, entry in enumerate(entries, start=1):
            try:
                plain.append(field_of_line(entry).plain() if isinstance(entry, str) else entry)
            except ValueError as error:
                self.note("fields", str(error), number)
                self.wrong.add("fields")
        return plain

    def note(self, setting: str, text: str, entry: int | None = None) -> None:
        """Something is wrong with a setting, or with an entry of it, which counts from 1."""
        places = [(*self.place, setting, (entry or 0) - 1), (*self.place, setting), self.place]
        line = next(self.lines[place] for place in places if place in self.lines)
        self.problems.append(self.problem(line, text, setting))

    def problem(self, line: int, text: str, setting: str) -> FileProblem:
        """Something that is wrong with a setting."""
        return FileProblem(line, text, self.name, setting)


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
