"""What is read from one document, and its bounds: a hostile page costs no more than they allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from crawler.reading.document import Document
from crawler.reading.record import Problem, Value
from crawler.reading.text import storable

MAX_RECORDS = 10_000  # of a document
MAX_BYTES = 1_000_000  # of the values of a document, as JSON
MAX_FIELDS = 200_000  # read of a document: those of records, and of the items in them
RAW = 500  # characters that a problem keeps of what was there
SHORT = 10_000  # characters of a text that no bound needs to look at

Problems = dict[str, Problem]

_NO_KEY = "It is part of the key and has no value: the record is known by its page and position alone."


class Reading:
    """The bounds of one document that are used up already."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.warnings: list[str] = []
        self._records = self._bytes = self._fields = 0

    def has_room(self, fields: int) -> bool:
        """Whether so many fields of an item may be read; notes a warning the first time that they may not."""
        self._fields += fields
        return self._fields <= MAX_FIELDS or self._cut(f"{MAX_FIELDS:,} fields")

    def keeps(self, values: Mapping[str, Value]) -> bool:
        """Whether a further record is kept."""
        self._records += 1
        if self._records > MAX_RECORDS:
            return self._cut(f"{MAX_RECORDS:,} records")
        self._bytes += size_of(values)
        return self._bytes <= MAX_BYTES or self._cut(f"{MAX_BYTES // 1_000_000} MB of values")

    def _cut(self, what: str) -> bool:
        sentence = f"only the first {what} of the page are read."
        if not self.warnings:
            self.warnings.append(sentence)
        return False


def size_of(value: Value) -> int:
    """The bytes of a value as JSON."""
    return len(value) if type(value) is str else len(msgspec.json.encode(value))


def check_size(value: Value) -> None:
    """ValueError, with a sentence for people, if a value alone is more than a document may have."""
    left, todo = MAX_BYTES, [value]
    while todo:
        part = todo.pop()
        if isinstance(part, str):
            left -= len(part)
        elif isinstance(part, dict):
            left -= sum(map(len, part))
            todo += part.values()
        elif isinstance(part, list):
            todo += part[:MAX_BYTES]
        left -= 1
        if left < 0:
            raise ValueError(f"The value is larger than {MAX_BYTES // 1_000_000} MB.")


def text_of(value: Value) -> str:
    """The text of a value, for steps and keys: JSON for what is none."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def key_of(names: Sequence[str], values: Mapping[str, Value], problems: Problems) -> tuple[str, ...] | None:
    """The texts of a record's key fields; None without any, or with a problem if one has no value."""
    missing = [name for name in names if values.get(name) in (None, "", [], {})]
    for name in missing:
        problems.setdefault(name, Problem(_NO_KEY))
    return None if missing or not names else tuple(text_of(values[name]) for name in names)


def problem(reason: str | Exception, raw: Value = "") -> Problem:
    """A problem with as much of what was there as is shown."""
    sentence = str(reason)
    return Problem(sentence, storable((raw if isinstance(raw, str) else repr(raw))[:RAW]))
