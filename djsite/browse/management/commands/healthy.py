"""``manage.py healthy NAME``: whether a process has lately given a sign of life, for container checks."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from djsite.desk.read import processes


class Command(BaseCommand):
    """Status 0 when it has. Beat's sign is written by a task that beat sends, so it proves the loop."""

    help = "Whether a process has lately given a sign of life."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="as in the table of heartbeats, e.g. beat")

    def handle(self, *args: Any, **options: Any) -> None:
        age = processes.age(options["name"], timezone.now())
        if age is None or abs(age) > processes.lost_after():
            raise CommandError(f"no sign of life of {options['name']} for {age or 'ever'}")
        self.stdout.write(f"{options['name']} was seen {age.total_seconds():.0f} s ago")
