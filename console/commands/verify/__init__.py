"""``crawlbeat verify``: whether a file is as it was exported, and whether the archive agrees."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from catalog.schema import bring_up_to_date
from console.checks import no_database
from console.commands.export import MANIFEST
from crawler.requests.exchange import one_line
from djsite.desk.exports import Verified, read_manifest, verify
from embedded.datadir import DataFolder
from embedded.errors import Trouble, UsageError

SAME, DIFFERS, NOT_KEPT = 0, 1, 3  # exit statuses


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Print what is wrong, and how much was checked."""
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    beside: Path = options.manifest or options.file.with_name(f"{options.file.name}.{MANIFEST}")
    try:
        manifest = read_manifest(beside)
    except OSError as error:
        raise UsageError(f"--manifest: {beside} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"--manifest: {error}") from error
    bring_up_to_date()
    try:
        result = verify(options.file, manifest)
    except OSError as error:
        raise Trouble(f"{options.file} cannot be read: {error.strerror or error}") from error
    for line in _lines(result):
        print(one_line(line))
    if result.wrong or result.differing:
        return DIFFERS
    return NOT_KEPT if result.unchecked else SAME


def _lines(result: Verified) -> Iterator[str]:
    yield from result.wrong
    for each in result.differences:
        where = f"row {each.row} ({each.url}), {each.column}"
        yield f"{where}: {each.file!r} in the file, {each.archive!r} by the archive"
    yield (
        f"{result.rows:,} rows; the archive gives the same values for {result.checked - result.differing:,} "
        f"and others for {result.differing:,}."
    )
    for reason, count in result.unchecked.most_common():
        yield f"{count:,} could not be checked. {reason}"
