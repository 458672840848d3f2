"""``manage.py reset_second_factor``: for the administrator whom no other can help."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from djsite.sso import factors


class Command(BaseCommand):
    """Whoever runs the machine may do it; as any command of its, it leaves no history of a person."""

    help = "Takes the second factor and the recovery codes of an account; its password alone then logs in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the user name")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["name"]).first()
        if person is None:
            raise CommandError(f"There is no account {options['name']}.")
        factors.forget(person)
        self.stdout.write(f"{options['name']} logs in without a second factor until there is another.")
