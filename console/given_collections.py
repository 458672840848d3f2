"""Collections that a command line gives: as JSON, in a file, or by the name of an extractor in Python."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from crawler.collections import Collection
from crawler.reading.own_code import names
from crawler.seeds.collection_text import read_collections
from embedded.errors import UsageError


def add_collections(parser: Any) -> None:
    """Add the options to a command."""
    parser.add_argument(
        "--collection",
        action="append",
        default=[],
        metavar="JSON|FILE",
        help="a collection, as JSON or in a file (repeatable; see docs/how-to/fields.md)",
    )
    parser.add_argument(
        "--extractor",
        action="append",
        default=[],
        metavar="NAME",
        help="a collection that the file extractors/NAME.py in the data folder reads (repeatable; see "
        "docs/how-to/python-extractors.md)",
    )


def given_collections(options: argparse.Namespace) -> list[Collection]:
    """Those of ``--collection`` and ``--extractor``. Raises UsageError with a sentence about a wrong one."""
    collections: list[Collection] = []
    for given in options.collection:
        try:
            collections += read_collections(given if given.lstrip()[:1] in "{[" else _text_of(given))
        except ValueError as error:
            raise UsageError(f"--collection: {error}") from error
    for name in options.extractor:
        try:
            names.check(name)
        except ValueError as error:
            raise UsageError(f"--extractor: {error}") from error
        collections.append(Collection(name=name, fields=(), extractor=name))
    return collections


def _text_of(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"--collection: {name} cannot be read: {why}") from error
