"""``manage.py compact_database``: give back the free room in a SQLite file of an earlier release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from catalog.schema import keep_page_map


class Command(BaseCommand):
    """Writes the file anew, so that from then on the room of deleted rows is given back by itself."""

    help = (
        "Writes SQLite's file anew without free room, and so that prunes give back what they free. For "
        "databases of release 0.1; stop everything first, and have as much room free as the file takes."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("this is for SQLite: PostgreSQL uses free room again by itself (autovacuum)")
        file = Path(connection.settings_dict["NAME"])
        if not file.exists():
            raise CommandError(f"there is no database {file}; CRAWLBEAT_DATA names the data folder")
        before = file.stat().st_size
        try:
            keep_page_map()
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except OperationalError as error:
            raise CommandError(
                f"{file} cannot be written anew ({error}): stop 'crawlbeat up' and whatever else uses it, "
                f"and have {before / 2**20:,.0f} MB free on its disk"
            ) from error
        after = file.stat().st_size
        self.stdout.write(f"{file}: {before / 2**20:,.0f} MB before, {after / 2**20:,.0f} MB now.")
