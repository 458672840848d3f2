"""``manage.py rotate_keys``: seal every secret with a new key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model

from catalog import sealing
from catalog.models import Seed
from catalog.sealing import SealedText, SealingError


class Command(BaseCommand):
    """With keys in the environment, the first one is the new one; in the data folder, one is made."""

    help = "Seals all secrets with a new key, and forgets the old one if it can."

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
                f"No key opens the secrets of: {names}. Write them anew or bring back their key, and call "
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
    """Seal all secrets with the first key; returns the names of rows whose secrets no key opens."""
    names = _unreadable(Seed.objects.exclude(headers="").values_list("pk", "name"), _reseal_seed)
    for model in _with_secrets():
        rows = model._default_manager.exclude(secret="").order_by("pk")
        names += _unreadable(((row.pk, str(row)) for row in rows), partial(_reseal_secret, model))
    return names


def _with_secrets() -> list[type[Model]]:
    """The tables that have a sealed ``secret``, of every app that is there."""
    return [
        model
        for model in apps.get_models()
        if any(isinstance(each, SealedText) for each in model._meta.fields)
    ]


def _unreadable(rows: Iterable[tuple[int, str]], reseal_row: Callable[[int], bool]) -> list[str]:
    names = []
    for pk, name in rows:
        try:
            while not reseal_row(pk):
                pass  # somebody saved other secrets meanwhile
        except SealingError:
            names.append(name)
    return names


def _reseal_secret(model: type[Model], pk: int) -> bool:
    rows = model._default_manager.filter(pk=pk)
    secret = rows.values_list("secret", flat=True).first()
    if not secret:
        return True
    return bool(rows.filter(secret=secret).update(secret=sealing.unseal(secret)))


def _reseal_seed(pk: int) -> bool:
    headers = Seed.objects.filter(pk=pk).values_list("headers", flat=True).first()
    if not headers:
        return True
    pairs = [line.partition(": ") for line in headers.splitlines()]
    fresh = "\n".join(f"{name}: {sealing.unseal(value)}" for name, _, value in pairs)
    return bool(Seed.objects.filter(pk=pk, headers=headers).update(headers=fresh))
