"""Seeds: saving one on somebody's behalf, switching, deleting and duplicating.

Each save plans the seed's next slot and tells the clock (:mod:`scheduler.clock.changes`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from catalog.models import Seed
from djsite.desk import audit
from djsite.desk.audit import AnyUser
from pipelines.runs.rule_sets import save_rules

# Where a seed goes, and what it sends.
DESTINATION_FIELDS = (
    "start_urls", "requests", "scope", "include", "exclude", "use_sitemaps", "sitemaps", "headers"
)  # fmt: skip


def may_open_networks(user: AnyUser) -> bool:
    """Only staff let the crawler reach private networks: it can see what is behind the firewall."""
    return bool(getattr(user, "is_staff", False))


def may_steer(user: AnyUser, seed: Seed) -> bool:
    """Whether somebody may say where a seed goes, or copy it.

    Where staff opened private networks for it, only staff may: other people could reach any host in them.
    """
    return may_open_networks(user) or not seed.allow_networks.strip()


def save(seed: Seed, now: datetime, user: AnyUser | None = None) -> None:
    """Write a seed that was checked, and its field rules as a rule set with the one who saved them.

    ``user`` is None on the command line, whose user owns the machine.

    Raises:
        PermissionDenied: it would reach a private network, or go elsewhere in one, and the user is not staff.
    """
    if user is not None and not may_open_networks(user):
        _stays_within(seed)
    with transaction.atomic():
        seed.save()
        save_rules(seed, now, None if user is None else user.pk)


def _stays_within(seed: Seed) -> None:
    before = Seed.objects.filter(pk=seed.pk).first() or Seed()
    if before.allow_networks != seed.allow_networks:
        raise PermissionDenied("Only staff open private networks.")
    if before.allow_networks.strip() and _destination(before) != _destination(seed):
        raise PermissionDenied("Only staff change where a seed goes that may reach private networks.")


def _destination(seed: Seed) -> list[list[str]]:
    """The fields, without differences in white space."""
    return [str(getattr(seed, name)).split() for name in DESTINATION_FIELDS]


def switch(seeds: Iterable[Seed], enabled: bool, user: AnyUser | None = None) -> int:
    """Switch on or off the schedules of ``seeds``; returns how many were not so already."""
    changed = [seed for seed in seeds if seed.enabled != enabled]
    for seed in changed:
        seed.enabled = enabled
        seed.save(update_fields=["enabled", "updated_at"])
    audit.note(user, changed, f"Schedule is switched on: {'no → yes' if enabled else 'yes → no'}")
    return len(changed)


def delete(seeds: Iterable[Seed], now: datetime) -> None:
    """Hide seeds at once; their runs are stopped and their rows pruned in the background."""
    for seed in seeds:
        seed.deleted_at = now
        seed.save(update_fields=["deleted_at", "updated_at"])


def duplicate(seed: Seed, user: AnyUser | None = None) -> Seed:
    """A copy that is switched off and has a new name."""
    copy = Seed.objects.get(pk=seed.pk)
    copy.pk = None
    copy._state.adding = True
    copy.name, copy.enabled, copy.origin = _free_name(seed.name), False, Seed.Origin.SITE
    copy.next_slot, copy.slot_rule = None, ""
    copy.save()
    audit.note(user, [copy], f"A copy of {seed.name}", added=True)
    return copy


def free_name(name: str) -> str:
    """The name, or ``name 2``, ``name 3``, …: the first that no seed has, within the column's length."""
    names = set(Seed.objects.alive().filter(name__startswith=name[:180]).values_list("name", flat=True))
    number = 1
    while (free := name if number == 1 else f"{name[:180]} {number}") in names:
        number += 1
    return free


def _free_name(name: str) -> str:
    """``name (copy)``, ``name (copy 2)``, … within the column's length."""
    names = set(Seed.objects.alive().filter(name__startswith=name[:180]).values_list("name", flat=True))
    number = 1
    while (free := f"{name[:180]} (copy{f' {number}' if number > 1 else ''})") in names:
        number += 1
    return free
