"""The filters and the order of a list of records as SQL.

No index serves them: who asks says how many rows may be looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec
from django.db.models import Case, Exists, F, JSONField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import Combinable, OrderBy

from catalog.models import Page, Record, RecordVersion
from pipelines.data import operands
from pipelines.data import record_list as words
from pipelines.data.json_values import (
    AnyValueContains,
    Compares,
    Contains,
    Differs,
    LooksLikeDate,
    Lowered,
    NumberOf,
    SaysNothing,
    TextOf,
)
from pipelines.data.record_list import Condition, RecordList

SORTED = 25_000  # records that are sorted by a field: as many as both databases read in a fifth of a second
_SIGNS = {words.LT: "<", words.GT: ">"}
_BOOLEANS = {"yes": "true", "no": "false"}


def records_of(wanted: RecordList) -> QuerySet[Record]:
    """What an index finds: the records of a seed and a collection, gone ones too."""
    records = Record.objects.filter(seed__deleted_at=None)
    if wanted.seed is not None:
        records = records.filter(seed=wanted.seed)
    return records.filter(collection=wanted.collection) if wanted.collection else records


def condition_on(wanted: RecordList, now: datetime) -> Q:
    """The rest of what a list of records asks for."""
    condition = _shared(wanted, _values_at(wanted.as_of), now, "")
    if wanted.as_of is not None:
        return condition & Q(first_seen_at__lte=wanted.as_of)
    return condition if wanted.gone else condition & Q(gone_at=None)


def every_version(wanted: RecordList, now: datetime) -> Q:
    """What a list of all values asks for, of those that records have."""
    return condition_on(msgspec.structs.replace(wanted, gone=True), now)


def condition_on_versions(wanted: RecordList, now: datetime) -> Q:
    """What a list asks for, of the values that records had before."""
    others = tuple(each for each in wanted.conditions if each.asked != words.CHANGED_SINCE)
    of_values = msgspec.structs.replace(wanted, conditions=others)
    condition = _shared(of_values, F("values"), now, "record__")
    for each in wanted.conditions:
        if each.asked == words.CHANGED_SINCE:
            condition &= Q(until__gte=operands.since(each.text, now))
    return condition


def sorted_keys(wanted: RecordList, now: datetime, begin: int, count: int) -> list[int]:
    """The keys of the records at these places of a list with an order of its own.

    Of its :data:`SORTED` newest records.
    """
    records = records_of(wanted)
    oldest = oldest_sorted(wanted)
    if oldest is not None:
        records = records.filter(pk__gte=oldest)
    ordered = records.filter(condition_on(wanted, now)).order_by(*order_of(wanted))
    return list(ordered.values_list("pk", flat=True)[begin : begin + count])


def oldest_sorted(wanted: RecordList) -> int | None:
    """The key of the oldest record that is sorted; None if all are."""
    newest = records_of(wanted).order_by("-pk").values_list("pk", flat=True)
    keys = list(newest[SORTED - 1 : SORTED + 1])
    return keys[0] if len(keys) > 1 else None


def order_of(wanted: RecordList) -> list[OrderBy]:
    """By a field: numbers as numbers, then texts, what has none last; the newest of equal ones first."""
    name, largest = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    own: dict[str, Combinable] = {
        words.CHANGED: F("last_changed_at"),
        words.FIRST_SEEN: F("first_seen_at"),
        words.ADDRESS: _address(),
    }
    if not name:
        return [F("pk").desc()]
    if name in own:
        columns = [own[name]]
    else:
        source = _values_at(wanted.as_of)
        columns = [NumberOf(source, name), Lowered(TextOf(source, name))]
    ordered = [_ordered(column, largest) for column in columns]
    return [*ordered, F("pk").desc()]


def _ordered(column: Any, largest: bool) -> OrderBy:
    return OrderBy(column, descending=largest, nulls_last=True)


def _values_at(moment: datetime | None) -> Combinable:
    """The values of a record, at a moment those of the version that it had; NULL if that is not kept."""
    if moment is None:
        return F("values")
    versions = RecordVersion.objects.filter(record=OuterRef("pk"), since__lte=moment, until__gt=moment)
    earlier = Subquery(versions.order_by("-pk").values("values")[:1], output_field=JSONField())
    unchanged = When(last_changed_at__lte=moment, then=F("values"))
    return Case(unchanged, default=earlier, output_field=JSONField())


def _shared(wanted: RecordList, source: Combinable, now: datetime, record: str) -> Q:
    condition = Q()
    for each in wanted.conditions:
        condition &= _CONDITIONS[each.asked](each, source, now)
    if wanted.text:
        text = wanted.text if wanted.text.isascii() else quote(wanted.text)  # as addresses have it
        in_address = Contains(_address(record), text)
        condition &= Q(AnyValueContains(source, wanted.text)) | Q(in_address)
    if wanted.changed_since:
        changed = operands.since(wanted.changed_since, now)
        condition &= Q(**{f"{record}last_changed_at__gte": changed})
    return condition


def _address(record: str = "") -> Combinable:
    """Of a record's page; asked for each: PostgreSQL would read all pages to join them with some records."""
    return Subquery(Page.objects.filter(pk=OuterRef(f"{record}page")).values("url"))


def _contains(each: Condition, source: Combinable, _: datetime) -> Q:
    return Q(Contains(TextOf(source, each.field), each.text))


def _is(each: Condition, source: Combinable, _: datetime) -> Q:
    """As a number, if it is one; as text, of a day also its moments; case does not matter."""
    text = Lowered(TextOf(source, each.field))
    condition = Q(Compares(text, "=", _lower(_BOOLEANS.get(each.text.lower(), each.text))))
    if each.text.lower() in _BOOLEANS:
        condition |= Q(Compares(text, "=", _lower(each.text)))
    if (number := operands.number(each.text)) is not None:
        condition |= Q(Compares(NumberOf(source, each.field), "=", number))
    return condition


def _is_beyond(each: Condition, source: Combinable, _: datetime) -> Q:
    return _compared(each.field, source, _SIGNS[each.asked], operands.size(each.text))


def _is_between(each: Condition, source: Combinable, _: datetime) -> Q:
    low, high = operands.span(each.text)
    return _compared(each.field, source, ">=", low) & _compared(each.field, source, "<=", high)


def _compared(field: str, source: Combinable, sign: str, operand: float | str) -> Q:
    if isinstance(operand, float):
        return Q(Compares(NumberOf(source, field), sign, operand))
    text = TextOf(source, field)
    return Q(LooksLikeDate(text)) & Q(Compares(text, sign, operand))


def _is_empty(each: Condition, source: Combinable, _: datetime) -> Q:
    empty = Q(SaysNothing(TextOf(source, each.field)))
    return empty if each.text == "yes" else ~empty


def _changed_since(each: Condition, source: Combinable, now: datetime) -> Q:
    """It has another value than at some time since then."""
    since = operands.since(each.text, now)
    differs = Differs(TextOf(F("values"), each.field), TextOf(OuterRef("values"), each.field))
    earlier = RecordVersion.objects.filter(record=OuterRef("pk"), until__gte=since).filter(differs)
    return Q(last_changed_at__gte=since) & Q(Exists(earlier))


def _lower(text: str) -> str:
    """As :class:`Lowered` has it."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


_CONDITIONS: dict[str, Callable[[Condition, Combinable, datetime], Q]] = {
    words.CONTAINS: _contains,
    words.IS: _is,
    words.LT: _is_beyond,
    words.GT: _is_beyond,
    words.BETWEEN: _is_between,
    words.EMPTY: _is_empty,
    words.CHANGED_SINCE: _changed_since,
}
