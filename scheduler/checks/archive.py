"""The archive and the data folder: is there room, and could the workers write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from catalog.storage import WholeFileStorage
from pipelines import archive
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings

LEAST_FREE = 1 << 30  # bytes
LEAST_SHARE = 0.02
RECENT = timedelta(minutes=5)  # a failed write counts so long; the next one that works takes it back


def room(options: CheckOptions) -> Findings:
    """Each disk once."""
    for name, folder in _disks():
        disk = shutil.disk_usage(folder)
        if disk.free < min(LEAST_FREE, LEAST_SHARE * disk.total):
            yield Finding(
                f"{name}-room",
                f"{disk.free / 2**20:,.0f} MB are free where the {name} is.",
                "Free some room or delete seeds that nobody needs; fetching stops when it is full.",
            )


def _disks() -> Iterator[tuple[str, Path]]:
    """The archive's folder, and the data folder where it holds the database on another disk."""
    devices = set()
    storage = archive.storage()
    if isinstance(storage, WholeFileStorage) and Path(storage.location).exists():
        devices.add(Path(storage.location).stat().st_dev)
        yield "archive", Path(storage.location)
    data = Path(settings.DATA_DIR)
    if not settings.DATABASE_URL and data.exists() and data.stat().st_dev not in devices:
        yield "database", data


def failed_writes(options: CheckOptions) -> Findings:
    """Writes to the archive that failed, as the workers say with their signs of life."""
    failed = [
        f"{heart.name}: {failure['error']}"
        for heart in options.workers
        if (failure := heart.info.get("archive")) and _recent(failure["at"], options.now)
    ]
    if failed:
        yield Finding(
            "archive-failing",
            f"Workers that could not write to the archive in the last minutes: {len(failed)}.",
            "Free some room, or correct CRAWLBEAT_ARCHIVE, CRAWLBEAT_S3_BUCKET or the rights. Pages that "
            "cannot be kept are fetched again.",
            examples=failed[:EXAMPLES],
        )


def _recent(at: str, now: datetime) -> bool:
    return abs(now - datetime.fromisoformat(at)) < RECENT
