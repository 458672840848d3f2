"""The segments of the archive: does each hold its versions, and are their bodies what was fetched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import attrgetter

from django.db.models import F, Max, QuerySet

from catalog.models import Batch, Snapshot
from pipelines import archive
from scheduler.checks.findings import EXAMPLES, Finding, Findings

LATEST = 2000  # segments that are looked at, the newest first, unless all are wanted
MISSING, SHORT, UNREADABLE = "missing", "short", "unreadable"
_PART = 500
_BODIES_PART = 50  # segments, whose versions are read from the tables together
_LOST = (
    "The bodies of the versions there are lost. Bring the archive back from a copy, and find out who else "
    "writes to it."
)
_OUTAGE = (
    "Nothing is known to be lost. See to the rights of the folder, or to the S3 service, and look again."
)


def check_segments(limit: int | None) -> Findings:
    """Segments that are missing or end before a version; of the newest ``limit``.

    An archive that cannot be asked is told apart, and ends the look: all other segments would say the same.
    """
    faults: dict[str, list[str]] = defaultdict(list)
    for batch, fault, why in _faults(limit):
        faults[fault].append(f"{batch.folder}: {why}" if fault == UNREADABLE else batch.folder)
        if len(faults[UNREADABLE]) == EXAMPLES:
            break
    if folders := faults[MISSING]:
        words = f"Segments that versions point to and that are not in the archive: {len(folders)}."
        yield Finding("segments-missing", words, _LOST, examples=folders[:EXAMPLES])
    if folders := faults[SHORT]:
        words = f"Segments that end before a version that they should hold: {len(folders)}."
        yield Finding("segments-short", words, _LOST, examples=folders[:EXAMPLES])
    if folders := faults[UNREADABLE]:
        words = "The archive cannot be read, so segments could not be looked at."
        yield Finding("archive-unreadable", words, _OUTAGE, examples=folders)


def check_bodies() -> Findings:
    """Every version's body, by its digest: some 8,000 pages of 17 kB a second on one core."""
    damaged = [
        f"{version.batch.folder}: version {version.pk}, {version.final_url[:200]}"
        for part in _batches(None, _BODIES_PART)
        for version in _damaged(part)
    ]
    if damaged:
        yield Finding(
            "segments-damaged",
            f"Versions whose body cannot be read, or is not what was fetched: {len(damaged)}.",
            "The disk has changed what was written. Bring these segments back from a copy; a recrawl keeps "
            "what the sites have now.",
            examples=damaged[:EXAMPLES],
        )


def _faults(limit: int | None) -> Iterator[tuple[Batch, str, str]]:
    """Batches whose segment is not as it should be: which fault, and why."""
    for part in _batches(limit, _PART):
        for batch, end in _ends(part):
            fault, why = _fault(batch.folder, end)
            if fault and _is_still(batch):
                yield batch, fault, why


def _batches(limit: int | None, size: int) -> Iterator[list[Batch]]:
    """Batches with versions, the newest first, in parts."""
    batches: QuerySet[Batch] = Batch.objects.filter(live_bytes__gt=0).order_by("-pk")
    before, remaining = None, limit
    while remaining is None or remaining > 0:
        part = batches if before is None else batches.filter(pk__lt=before)
        rows = list(part[: size if remaining is None else min(size, remaining)])
        if not rows:
            return
        yield rows
        before = rows[-1].pk
        remaining = None if remaining is None else remaining - len(rows)


def _ends(part: list[Batch]) -> Iterator[tuple[Batch, int]]:
    """For each batch the offset at which its last version ends."""
    by_key = {batch.pk: batch for batch in part}
    ends = Batch.objects.filter(pk__in=by_key, snapshots__isnull=False).order_by("-pk").values_list("pk")
    for pk, end in ends.annotate(end=Max(F("snapshots__offset") + F("snapshots__length"))):
        yield by_key[pk], end


def _fault(folder: str, end: int) -> tuple[str, str]:
    try:
        size = archive.object_size(folder, archive.SEGMENT)
    except archive.ObjectMissing:
        return MISSING, ""
    except archive.ArchiveError as error:
        return UNREADABLE, str(error)
    return (SHORT, "") if size < end else ("", "")


def _is_still(batch: Batch) -> bool:
    """Whether the batch is where it was: prune may have moved its versions to a smaller segment meanwhile."""
    return Batch.objects.filter(pk=batch.pk, folder=batch.folder).exists()


def _damaged(part: list[Batch]) -> Iterator[Snapshot]:
    """Versions of some batches whose body is damaged. Segments that are missing are another finding's."""
    versions = Snapshot.objects.filter(batch__in=part).select_related("batch").order_by("batch", "offset")
    versions = versions.defer("text_zstd", "outlinks_zstd", "title")
    for batch, group in groupby(versions.iterator(), attrgetter("batch")):
        with ExitStack() as opened:
            try:
                segment = opened.enter_context(archive.open_segment(batch.folder))
            except archive.ArchiveError:
                continue
            for version in group:
                place = version.offset, version.length
                if not archive.is_sound(segment, *place, version.digest) and _is_still(batch):
                    yield version
