"""JSON Lines: an object for each row (jsonlines.org)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pipelines.export.rows import Rows


def lines(rows: Rows) -> Iterator[str]:
    """An empty header, then a line for each row."""
    yield ""
    for row in rows:
        yield msgspec.json.encode(row).decode() + "\n"
