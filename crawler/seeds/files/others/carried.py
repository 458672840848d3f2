"""What came of another program's list: seeds, and a sentence for everything that could not come along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from crawler.collections import Rule
from crawler.reading.fields import check_rule
from crawler.seeds.files.reading import FileProblem, WrittenSeed, read_seeds


class Entry(NamedTuple):
    """One entry of another program's list: a seed as a file would say it, and where it stood."""

    plain: dict[str, Any]
    line: int


class Carried(NamedTuple):
    """Seeds, what is wrong with the list, and sentences about what was left out of them."""

    seeds: list[WrittenSeed]
    problems: list[FileProblem]
    left_out: list[str]


class Notes:
    """Sentences about what was left out, each with the line and the entry."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def leave_out(self, line: int, name: str, what: str) -> None:
        """Something of an entry could not come along."""
        self.sentences.append(f"line {line}, {name!r}: {what}")


def carried(entries: Sequence[Entry], notes: Notes) -> Carried:
    """The seeds of entries; each name once, by a number behind it. Problems tell the line of the entry."""
    if not entries:
        return Carried([], [FileProblem(1, "No addresses were found in this list.")], notes.sentences)
    plain = [{**entry.plain, "name": name} for entry, name in zip(entries, _names(entries), strict=True)]
    seeds, problems = read_seeds(yaml.safe_dump({"seeds": plain}, allow_unicode=True, sort_keys=False))
    lines = {name: entry.line for name, entry in zip((each["name"] for each in plain), entries, strict=True)}
    located = [problem._replace(line=lines.get(problem.seed, 1)) for problem in problems]
    return Carried(
        [seed._replace(lines={}, line=lines[seed.name]) for seed in seeds], located, notes.sentences
    )


def _names(entries: Sequence[Entry]) -> list[str]:
    names: dict[str, None] = {}
    for entry in entries:
        base = " ".join(str(entry.plain["name"]).split())[:180]
        name, number = base, 1
        while name in names:
            number += 1
            name = f"{base} {number}"
        names[name] = None
    return list(names)


def usable(kind: str, rule: str) -> bool:
    """Whether a rule of another program is one here."""
    try:
        check_rule(Rule(kind, rule))
    except ValueError:
        return False
    return True


def field_of(rule_kind: str, rule: str) -> list[Mapping[str, Any]]:
    """The one field of a watched page: all texts that a rule matches."""
    return [{"name": "watched", rule_kind: rule, "many": True}]
