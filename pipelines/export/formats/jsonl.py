"""JSON Lines: an object for each row (jsonlines.org)."""

from __future__ import annotations

import msgspec

from pipelines.export.rows import Rows
from pipelines.export.slices import Row

_ENCODER = msgspec.json.Encoder()


def head(rows: Rows) -> str:
    """Nothing."""
    return ""


def lines(rows: Rows, part: list[Row]) -> str:
    """A line for each row."""
    return _ENCODER.encode_lines(part).decode()
