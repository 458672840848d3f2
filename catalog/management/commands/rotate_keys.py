"""``manage.py rotate_keys``: seal every secret with a new key."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog import sealing
from catalog.models import Seed
from catalog.sealing import SealingError


class Command(BaseCommand):
    """With keys in the environment, the first one is the new one; in the data folder, one is made."""

    help = "Seals the secrets of all seeds with a new key, and forgets the old one where it can."

    def handle(self, *args: Any, **options: Any) -> None:
        in_file = not settings.SECRETS_KEYS
        try:
            if in_file:
                sealing.write_keys([sealing.new_key(), *sealing.keys()])
            unreadable = reseal()
        except SealingError as error:
            raise CommandError(str(error)) from error
        if unreadable:
            names = ", ".join(unreadable)
            raise CommandError(
                f"No key opens the headers of: {names}. Write them anew or bring back their key, and call "
                "this again; until then keep the old keys."
            )
        if in_file:
            sealing.write_keys(sealing.keys()[:1])
            self.stdout.write(
                "All secrets are sealed with a new key; the old one is gone from the data folder."
            )
        else:
            self.stdout.write("All secrets are sealed with the first key; the others may go.")


def reseal() -> list[str]:
    """Seal all headers with the first key; returns the names of seeds that no key opens."""
    unreadable = []
    for pk, name in Seed.objects.exclude(headers="").order_by("pk").values_list("pk", "name"):
        try:
            while not _reseal_one(pk):
                pass  # somebody saved other headers meanwhile
        except SealingError:
            unreadable.append(name)
    return unreadable


def _reseal_one(pk: int) -> bool:
    headers = Seed.objects.filter(pk=pk).values_list("headers", flat=True).first()
    if not headers:
        return True
    pairs = [line.partition(": ") for line in headers.splitlines()]
    fresh = "\n".join(f"{name}: {sealing.unseal(value)}" for name, _, value in pairs)
    return bool(Seed.objects.filter(pk=pk, headers=headers).update(headers=fresh))
