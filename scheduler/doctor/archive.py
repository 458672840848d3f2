"""The archive: can it be written, does it hold every version, and nothing else."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings

from pipelines import archive
from pipelines.prune import GRACE, orphans
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings, Level
from scheduler.doctor.segments import LATEST, check_bodies, check_segments


def check(options: CheckOptions) -> Findings:
    """A write, versions, orphans."""
    if (fault := _unwritable()) is not None:
        yield Finding(
            "archive-unwritable",
            f"Nothing can be written to the archive: {fault}",
            "Free some room, or correct CRAWLBEAT_ARCHIVE, CRAWLBEAT_S3_BUCKET or the rights. Until then "
            "pages that were fetched cannot be kept, and are fetched again.",
        )
    yield from check_segments(None if options.whole else LATEST)
    if options.whole:
        yield from check_bodies()
    yield from _orphans(options)


def _unwritable() -> str | None:
    name = f"probe-{secrets.token_hex(4)}"
    try:
        archive.write_object("doctor", name, b"Crawlbeat was here.")
        archive.delete_object("doctor", name)
    except archive.ArchiveError as error:
        return str(error)
    return None


def _orphans(options: CheckOptions) -> Findings:
    """Prune deletes them once they are an hour old; much older folders show that it does not run."""
    margin = timedelta(seconds=2 * settings.PRUNE_SECONDS)
    late = _folders(options.now - GRACE - margin)
    if folders := late or _folders(options.now - GRACE):
        yield Finding(
            "orphan-folders",
            f"Folders in the archive that belong to no batch: {len(folders)}.",
            "The next prune deletes them. If they stay, look at beat and at the worker of 'control'.",
            Level.PROBLEM if late and options.running else Level.NOTE,
            folders[:EXAMPLES],
        )


def _folders(before: datetime) -> list[str]:
    return [folder for part in orphans(before) for folder in part]
