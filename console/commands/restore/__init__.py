"""``crawlbeat restore``: a new data folder of a backup."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection

from catalog.errors import NewerData
from catalog.schema import bring_up_to_date
from embedded.backup.restoring import restore
from embedded.backup.taking import S3
from embedded.datadir import DataFolder
from embedded.errors import Trouble


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Make the folder, bring its tables up to date, and say what comes next."""
    if settings.DATABASE_URL:
        raise Trouble("DATABASE_URL names a PostgreSQL, which this command does not fill: use pg_restore")
    manifest = restore(Path(options.backup).absolute(), folder.path)
    try:
        bring_up_to_date()
    except NewerData:
        connection.close()
        shutil.rmtree(folder.path)
        raise
    folder.prepare()
    print(f"{folder.path} is as it was at {manifest.made_at}: {len(manifest.files):,} files, all checked.")
    if manifest.archive == S3:
        print("The archive is not in it: give CRAWLBEAT_S3_BUCKET as before.")
    print(f"To start it: crawlbeat up --data {folder.path}. To look at it: crawlbeat doctor --all.")
    return 0
