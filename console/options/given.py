"""Collections and requests that a command line gives: as JSON, in a file; or the name of an extractor."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from crawler.collections import Collection
from crawler.reading.own_code import names
from crawler.seeds.collection_text import read_collections
from crawler.seeds.request_text import read_requests
from embedded.errors import UsageError

T = TypeVar("T")


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
        collections += _read("--collection", given, read_collections)
    for name in options.extractor:
        try:
            names.check(name)
        except ValueError as error:
            raise UsageError(f"--extractor: {error}") from error
        collections.append(Collection(name=name, fields=(), extractor=name))
    return collections


def given_requests(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Those of ``--request``, in plain form. Raises UsageError with a sentence about a wrong one."""
    return [request for given in options.request for request in _read("--request", given, read_requests)]


def _read(option: str, given: str, read: Callable[[str], list[T]]) -> list[T]:
    """What a text says, or the file of that name."""
    try:
        return read(given if given.lstrip()[:1] in ("{", "[") else _text_of(option, given))
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error


def _text_of(option: str, name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{option}: {name} cannot be read: {why}") from error
