"""Whether a file is still as it was made, and whether the archive gives the same values once more."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import msgspec

from catalog.models import Export
from pipelines.export.columns import FIELD_PREFIX, FIELDS, OTHERS
from pipelines.export.formats import blocks, read_cells
from pipelines.export.manifest import Manifest
from pipelines.receipts.derive import Derived, Pointer, derive

SLICE = 200  # rows whose values are derived together
MOST = 100  # differences that are kept
NO_RECEIPT = "The row does not say from which stored page its values are."
_ABSENT = (None, "")

Cells = dict[str, Any]


class Difference(NamedTuple):
    """A cell that the archive gives otherwise."""

    row: int  # from 1
    url: str
    column: str
    file: Any
    archive: Any


@dataclass
class Verified:
    """What came of it. ``wrong``: sentences on the file as a whole."""

    wrong: list[str] = field(default_factory=list)
    rows: int = 0
    checked: int = 0  # rows whose values were derived
    differing: int = 0  # rows of which the archive gives another value
    differences: list[Difference] = field(default_factory=list)  # the first of them
    unchecked: Counter[str] = field(default_factory=Counter)  # rows, by why nothing can be said


def verify(path: Path, manifest: Manifest) -> Verified:
    """Compare a file with its manifest, and the values of its records with the archive.

    Values are derived of records as they were at a time, not of pages and not of a run. Raises OSError, and
    what the library of a format raises for a file that it cannot read.
    """
    result = Verified(wrong=list(_changed(path, manifest)))
    derived = manifest.kind == Export.Kind.RECORDS and manifest.run is None
    with path.open("rb") as file:
        cells = read_cells(file, manifest.format, manifest.compression or "")
        while some := list(islice(cells, SLICE)):
            if derived:
                _compare(some, manifest, result)
            result.rows += len(some)
    if result.rows != manifest.rows:
        result.wrong.append(f"It has {result.rows:,} rows, and its manifest says {manifest.rows:,}.")
    return result


def _changed(path: Path, manifest: Manifest) -> Iterator[str]:
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    if (size := path.stat().st_size) != manifest.bytes:
        yield f"It has {size:,} bytes, and its manifest says {manifest.bytes:,}."
    if checksum != manifest.sha256:
        yield "Its checksum is another than that of its manifest: somebody has changed it."


def _compare(some: Sequence[Cells], manifest: Manifest, result: Verified) -> None:
    pointers = [_pointer(cells) for cells in some]
    derived = derive([pointer for pointer in pointers if pointer is not None])
    answers = [derived[pointer] if pointer else [Derived(None, problem=NO_RECEIPT)] for pointer in pointers]
    known = [answer for each in answers for answer in each if not answer.problem]
    written = iter(_as_written([answer.values or {} for answer in known], manifest))
    for row, (cells, each) in enumerate(zip(some, answers, strict=True), result.rows + 1):
        pairs = [(answer, next(written)) for answer in each if not answer.problem]
        if pairs:
            _judge([_differences(row, cells, answer, archive) for answer, archive in pairs], result)
        else:
            result.unchecked[each[0].problem] += 1


def _pointer(cells: Cells) -> Pointer | None:
    """To what stands behind a row; None if it does not say, as for values that are not kept."""
    try:
        return Pointer(int(cells["record"]), str(cells["content_hash"])) if cells["content_hash"] else None
    except (KeyError, TypeError, ValueError):
        return None


def _judge(answers: Sequence[list[Difference]], result: Verified) -> None:
    """A row is right if one of the rule sets that have read the page gives its values."""
    result.checked += 1
    fewest = min(answers, key=len)
    if fewest:
        result.differing += 1
        result.differences += fewest[: MOST - len(result.differences)]


def _differences(row: int, cells: Cells, answer: Derived, archive: Cells) -> list[Difference]:
    """Cell by cell, in the form in which the format has them."""
    held = {f"{FIELD_PREFIX}{name}" for name in answer.held}
    names = [name for name in {**cells, **archive} if name.startswith(FIELD_PREFIX) or name == OTHERS]
    return [
        Difference(row, str(cells.get("url", "")), name, cells.get(name), archive.get(name))
        for name in names
        if not _same(cells.get(name), archive.get(name)) and name.removesuffix("_currency") not in held
    ]


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) or (left in _ABSENT and right in _ABSENT)


def _as_written(records: Sequence[Cells], manifest: Manifest) -> list[Cells]:
    """The cells that rows with these fields have in a file of the same format."""
    rows = [{"url": "-", FIELDS: values} for values in records]
    with tempfile.NamedTemporaryFile() as file:
        for block in blocks([rows] if rows else [], manifest.columns, manifest.format):
            file.write(block)
        file.flush()
        file.seek(0)
        return list(read_cells(cast("IO[bytes]", file), manifest.format))


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file. Raises OSError, and ValueError with a sentence if it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not the manifest of an export: {error}.") from error
