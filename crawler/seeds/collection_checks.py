"""One check for each part of a collection and of a field, with sentences that name it and say what to do.

As in :mod:`crawler.seeds.checks`, each takes what somebody wrote and returns what is stored, in plain form,
or raises ValueError with a sentence for people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

import msgspec

from crawler.collections import Collection, Field, Rule
from crawler.reading import steps, types
from crawler.reading.extractor.next_page import compile_next
from crawler.reading.fields import check_rule, compile_items
from crawler.reading.own_code import names
from crawler.rules.patterns import Patterns, check_pattern

MAX_COLLECTIONS = 50  # of a seed
MAX_FIELDS = 200  # of a collection, with those that are nested
MAX_NESTING = 5  # fields in fields
MAX_RULES = 20  # of a field
MAX_STEPS = 50  # of a field
_NAME = re.compile(r"[^\W\d]\w{0,59}")
_NAMES = "Use letters, digits and underscores, a letter first."
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def field(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A field of every page, in plain form."""
    read = Field.of(plain)
    if nested_fields(read) > MAX_FIELDS:
        raise ValueError(
            f"The field {_shown(read.name)} has more than {MAX_FIELDS} fields in it. Leave some out."
        )
    _check_field(read, "", 1)
    return read.plain()


def collection(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A collection in plain form."""
    read = Collection.of(plain)
    if not _NAME.fullmatch(read.name):
        raise ValueError(f"{_shown(read.name)} cannot be a collection's name. {_NAMES}")
    where = f"Collection {read.name!r}"
    if read.extractor:
        return _of_extractor(read, where).plain()
    if not read.fields:
        raise ValueError(f"{where} has no fields. Give it at least one, with a name and a rule.")
    if sum(map(nested_fields, read.fields)) > MAX_FIELDS:
        raise ValueError(f"{where} has more than {MAX_FIELDS} fields. Leave some out.")
    _check_names(read.fields, where)
    for each in read.fields:
        _check_field(each, f"{where}, ", 1)
    _check_key(read, where)
    _check_pages(read, where)
    _check_items_and_next(read, where)
    return read.plain()


def _of_extractor(read: Collection, where: str) -> Collection:
    """A collection that an extractor in Python reads; its version is not for people to say."""
    if read.fields or read.items is not None or read.next is not None:
        raise ValueError(
            f"{where} has an extractor, which reads all of it. Leave out fields, items and next."
        )
    if len(set(read.key)) < len(read.key):
        raise ValueError(f"{where}: its key names a field twice. Name each once.")
    _check_pages(read, where)
    _with_place(where, names.check, read.extractor)
    return msgspec.structs.replace(read, code="")


def nested_fields(one: Field) -> int:
    """How many fields a field is, with those in it."""
    count, todo = 0, [one]
    while todo:
        count += 1
        todo += todo.pop().fields
    return count


def _check_field(one: Field, before: str, depth: int) -> None:
    if not _NAME.fullmatch(one.name):
        raise ValueError(f"{before}{_shown(one.name)} cannot be a field's name. {_NAMES}")
    where = f"{before}field {one.name!r}" if before else f"Field {one.name!r}"
    if len(one.rules) > MAX_RULES or len(one.steps) > MAX_STEPS:
        raise ValueError(
            f"{where} has too many rules or steps: {MAX_RULES} rules and {MAX_STEPS} steps are the most."
        )
    for rule in one.rules:
        _with_place(where, compile_items if one.fields else check_rule, rule)
    for step in one.steps:
        _with_place(where, steps.check, step)
    _check_type(one, where)
    if depth >= MAX_NESTING and one.fields:
        raise ValueError(f"{where} is nested too deep: {MAX_NESTING} levels are the most.")
    _check_names(one.fields, where)
    for each in one.fields:
        _check_field(each, f"{where}, ", depth + 1)


def _check_type(one: Field, where: str) -> None:
    if one.type not in types.TYPES:
        raise ValueError(
            f"{where}: {_shown(one.type)} is not a type. The types are: {', '.join(types.TYPES)}."
        )
    if one.fields and (one.steps or one.type != "text"):
        raise ValueError(
            f"{where} has fields in it, so that it has no steps and no type. Give these to the fields."
        )
    if one.locale and not _LOCALE.fullmatch(one.locale):
        raise ValueError(f"{where}: {_shown(one.locale)} is not a locale. Write it like 'de' or 'en-GB'.")
    if one.zone and one.zone not in available_timezones():
        raise ValueError(f"{where}: {_shown(one.zone)} is not a time zone. Write it like 'Europe/Berlin'.")


def _check_names(fields: Iterable[Field], where: str) -> None:
    twice = [name for name, count in Counter(each.name for each in fields).items() if count > 1]
    if twice:
        raise ValueError(
            f"{where} has two fields with the name {_shown(twice[0])}. Give each field a name of its own."
        )


def _check_key(read: Collection, where: str) -> None:
    fields = {each.name: each for each in read.fields}
    for name in read.key:
        if name not in fields:
            raise ValueError(
                f"{where}: its key names {_shown(name)}, which is none of its fields. Its fields are: "
                f"{', '.join(fields)}."
            )
        if fields[name].many or fields[name].fields:
            raise ValueError(
                f"{where}: the key {_shown(name)} has several values. Name a field with one value."
            )
    if len(set(read.key)) < len(read.key):
        raise ValueError(f"{where}: its key names a field twice. Name each once.")


def _check_pages(read: Collection, where: str) -> None:
    for pattern in read.pages:
        _with_place(f"{where}, pages", check_pattern, pattern)
    if read.pages:
        _with_place(f"{where}, pages", Patterns, read.pages)


def _check_items_and_next(read: Collection, where: str) -> None:
    if read.items is not None:
        _with_place(f"{where}, items", compile_items, read.items)
    if read.next is not None:
        reader = _with_place(f"{where}, next", compile_next, read.next)
        if reader.counts and read.items is None:
            raise ValueError(
                f"{where}: a next page that is counted needs items, for a page without any is the last. Give "
                "it a rule for its items, such as 'css': 'li.product'."
            )


def _with_place(where: str, check: Callable[[Any], Any], part: Rule | Any) -> Any:
    """What the check gives; its sentence with the place before it."""
    try:
        return check(part)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def _shown(word: str) -> str:
    return repr(word[:60])
