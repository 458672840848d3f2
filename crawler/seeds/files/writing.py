"""Seeds as YAML: only what is not as usual, in the order of :data:`SETTINGS`, lists a line an entry."""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from crawler.collections import Collection, Field
from crawler.seeds.field_lines import line_of_field
from crawler.seeds.files.groups import COLUMNS, GROUPS
from crawler.seeds.files.settings import SETTINGS, Kind, default_of, kind_of, word_of
from crawler.seeds.spec import lines

_HEAD = "# Seeds of Crawlbeat. What is not said here is as usual. See docs/how-to/seeds-as-code.md.\n"


class _Dumper(yaml.SafeDumper):
    """Writes each value out, and steps inwards for lists too."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never write & and *."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never let a list stand below its own name."""
        super().increase_indent(flow, False)


def write_seeds(seeds: Iterable[Mapping[str, Any]]) -> str:
    """The text of a file that :func:`crawler.seeds.files.reading.read_seeds` reads.

    Each seed has the settings in the form that is checked (:func:`crawler.seeds.spec_of`), with the values of
    its headers left out by the caller.
    """
    return write_plain(map(plain_seed, seeds))


def write_plain(seeds: Iterable[Mapping[str, Any]], groups: Iterable[Mapping[str, Any]] = ()) -> str:
    """The text of a file with these seeds and groups, in the forms of the functions below."""
    written = {GROUPS: list(groups), "seeds": list(seeds)}
    plain = {name: entries for name, entries in written.items() if entries or name != GROUPS}
    return _HEAD + yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def plain_seed(
    settings: Mapping[str, Any], *, left_out: Names[str] = (), said: Names[str] = ()
) -> dict[str, Any]:
    """The settings that are not as usual, as a file has them; some are left out, and some said anyway."""
    return {
        name: _plain(name, settings[name])
        for name in SETTINGS
        if name not in left_out and (name in ("name", *said) or settings[name] != default_of(name))
    }


def plain_group(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A group, as a file has it."""
    return {"name": name} | {each: _plain(each, settings[each]) for each in COLUMNS if each in settings}


def _plain(name: str, value: Any) -> Any:
    kind = kind_of(name)
    if kind is Kind.CHOICE:
        return word_of(name, value)
    if kind is Kind.LINES:
        return list(value) if name == "tags" else lines(value)
    if name == "fields":
        return [_field(Field.of(plain)) for plain in value]
    if name == "collections":
        return [Collection.of(plain).plain() for plain in value]
    return value


def _field(field: Field) -> Any:
    """A line, as people write it, where a line can say it."""
    try:
        return line_of_field(field)
    except ValueError:
        return field.plain()
