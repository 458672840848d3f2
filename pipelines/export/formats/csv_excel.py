"""CSV with the mark by which Excel knows UTF-8; to other programs it would be part of the first name."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Sequence
from typing import IO

from pipelines.export.columns import Column
from pipelines.export.formats import csv

read_cells = csv.read_cells


def open_writer(file: IO[bytes], columns: Sequence[Column]) -> csv.Writer:
    """Begin with the mark."""
    file.write(BOM_UTF8)
    return csv.open_writer(file, columns)
