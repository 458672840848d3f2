"""``crawlbeat backup``: everything of a data folder, also while it is in use."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages

from catalog.storage import WholeFileStorage
from console.checks import no_database
from embedded.backup.taking import S3, take
from embedded.datadir import DataFolder
from embedded.errors import Trouble, UsageError

POSTGRESQL = (
    "the database is PostgreSQL, which this command does not copy. Use pg_dump -Fc for it first, then copy "
    "the archive and the keys (docs/how-to/backup.md)"
)


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Write the backup, and say what it holds."""
    if settings.DATABASE_URL:
        raise Trouble(POSTGRESQL)
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    place = storages["archive"]
    archive = Path(place.location) if isinstance(place, WholeFileStorage) else None
    manifest = take(folder, archive, Path(options.backup).absolute(), settings.VERSION)
    print(f"{options.backup}: {len(manifest.files):,} files, {manifest.size / 1e6:,.1f} MB.")
    if manifest.archive == S3:
        print(f"The archive is on S3 and not in it: copy the bucket {settings.S3_BUCKET} now.")
    print("It holds the keys of the secrets: keep it where only you can read it.")
    return 0
