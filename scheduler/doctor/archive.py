"""The archive: can it be written, does it hold every version, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Max, QuerySet

from catalog.models import Batch
from pipelines import archive
from pipelines.prune import GRACE, orphans
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings, Level

LATEST = 2000  # segments that are looked at, the newest first, unless all are wanted
_PART = 500


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
    yield from _orphans(options)


def _unwritable() -> str | None:
    name = f"probe-{secrets.token_hex(4)}"
    try:
        archive.write_object("doctor", name, b"Crawlbeat was here.")
        archive.delete_object("doctor", name)
    except archive.ArchiveError as error:
        return str(error)
    return None


def check_segments(limit: int | None) -> Findings:
    """Versions whose segment is missing or ends before their record; of the newest segments first."""
    missing: list[str] = []
    short: list[str] = []
    for batch, fault in _faults(limit):
        (missing if fault == "missing" else short).append(batch.folder)
    advice = (
        "The bodies of the versions there are lost. Bring the archive back from a copy, and find out who "
        "else writes to it."
    )
    if missing:
        yield Finding(
            "segments-missing",
            f"Segments that versions point to and that are not in the archive: {len(missing)}.",
            advice,
            examples=missing[:EXAMPLES],
        )
    if short:
        yield Finding(
            "segments-short",
            f"Segments that end before a version that they should hold: {len(short)}.",
            advice,
            examples=short[:EXAMPLES],
        )


def _faults(limit: int | None) -> Iterator[tuple[Batch, str]]:
    for batch, end in _ends(limit):
        fault = _fault(batch.folder, end)
        if fault and Batch.objects.filter(pk=batch.pk, folder=batch.folder).exists():  # not moved meanwhile
            yield batch, fault


def _ends(limit: int | None) -> Iterator[tuple[Batch, int]]:
    """Batches with versions, and for each the offset at which its last version ends."""
    batches: QuerySet[Batch] = Batch.objects.filter(live_bytes__gt=0).order_by("-pk")
    before, remaining = None, limit
    while remaining is None or remaining > 0:
        part = batches if before is None else batches.filter(pk__lt=before)
        rows = list(part[: _PART if remaining is None else min(_PART, remaining)])
        if not rows:
            return
        by_key = {batch.pk: batch for batch in rows}
        ends = Batch.objects.filter(pk__in=by_key, snapshots__isnull=False).order_by("-pk")
        for pk, end in ends.values_list("pk").annotate(
            end=Max(F("snapshots__offset") + F("snapshots__length"))
        ):
            yield by_key[pk], end
        before = rows[-1].pk
        remaining = None if remaining is None else remaining - len(rows)


def _fault(folder: str, end: int) -> str:
    try:
        size = archive.object_size(folder, archive.SEGMENT)
    except archive.ArchiveError:
        return "missing"
    return "short" if size < end else ""


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
