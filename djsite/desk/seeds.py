"""Seeds: saving one on somebody's behalf, switching, deleting and duplicating.

Each save plans the seed's next slot and tells the clock (:mod:`scheduler.clock.changes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy as shallow_copy
from datetime import datetime, timedelta
from itertools import chain, count

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from catalog.models import Seed
from djsite.desk import audit
from djsite.desk.audit import AnyUser
from djsite.desk.grouping.settings import taken
from djsite.desk.seeding import edits
from djsite.desk.seeding.edits import Author
from pipelines.runs.rule_sets import save_rules
from scheduler.watch import mutes

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


def save(seed: Seed, now: datetime, user: AnyUser | None = None, means: str = "", *, bulk: str = "") -> None:
    """Write a seed that was checked, its field rules as a rule set, and who changed what.

    A setting that differs from what its group gives is its own from now on.

    ``user`` is None on the command line, whose user owns the machine. ``means`` and ``bulk``: see
    :class:`djsite.desk.seeding.edits.Author`.

    Raises:
        PermissionDenied: it would reach a private network, or go elsewhere in one, and the user is not staff.
    """
    with transaction.atomic():
        before = edits.as_stored(seed)
        if user is not None and not may_open_networks(user):
            _stays_within(before, seed)
        seed.inherits = taken(seed)
        seed.save()
        save_rules(seed, now, None if user is None else user.pk)
        kind = edits.Kind.CHANGED if before.pk else edits.Kind.CREATED
        edits.note(before, seed, Author(user, means, bulk), kind)


def _stays_within(before: Seed, seed: Seed) -> None:
    if before.allow_networks != seed.allow_networks:
        raise PermissionDenied("Only staff open private networks.")
    if before.allow_networks.strip() and _destination(before) != _destination(seed):
        raise PermissionDenied("Only staff change where a seed goes that may reach private networks.")


def _destination(seed: Seed) -> list[list[str]]:
    """The fields, without differences in white space."""
    return [str(getattr(seed, name)).split() for name in DESTINATION_FIELDS]


def switch(seeds: Iterable[Seed], enabled: bool, user: AnyUser | None = None, means: str = "") -> int:
    """Switch on or off the schedules of ``seeds``; returns how many were not so already."""
    changed = [seed for seed in seeds if seed.enabled != enabled]
    for seed in changed:
        with transaction.atomic():
            before = shallow_copy(seed)
            seed.enabled = enabled
            seed.save(update_fields=["enabled", "updated_at"])
            edits.note(before, seed, Author(user, means))
    text = f"Schedule is switched on: {'no → yes' if enabled else 'yes → no'}"
    audit.note(user, changed, text)
    return len(changed)


def mute(seed: Seed, days: int, now: datetime, user: AnyUser) -> None:
    """Have nothing say for some days what is wrong with a seed; with 0, have it said again."""
    mutes.mute(seed.pk, now + timedelta(days=days) if days else None, now)
    audit.note(user, [seed], f"Muted for {days} days" if days else "No longer muted")


def delete(
    seeds: Iterable[Seed], now: datetime, user: AnyUser | None = None, means: str = "", *, bulk: str = ""
) -> None:
    """Hide seeds at once and stop their runs; their rows are pruned once they cannot be brought back."""
    for seed in seeds:
        with transaction.atomic():
            seed.deleted_at = now
            seed.save(update_fields=["deleted_at", "updated_at"])
            edits.note(seed, seed, Author(user, means, bulk), edits.Kind.DELETED)


@transaction.atomic
def duplicate(seed: Seed, user: AnyUser | None = None, means: str = "") -> Seed:
    """A copy that is switched off and has a new name."""
    copy = copy_of(seed)
    copy.enabled = False
    copy.save()
    edits.note(Seed(), copy, Author(user, means), edits.Kind.CREATED)
    audit.note(user, [copy], f"A copy of {seed.name}", added=True)
    return copy


def copy_of(seed: Seed) -> Seed:
    """A copy with a name of its own that is in no table yet."""
    copy = Seed.objects.get(pk=seed.pk)
    copy.pk = None
    copy._state.adding = True
    copy.name, copy.origin, copy.created_at = _name_of_copy(seed.name), Seed.Origin.SITE, timezone.now()
    copy.next_slot, copy.slot_rule = None, ""
    return copy


def free_name(name: str) -> str:
    """The name, or ``name 2``, ``name 3``, …: the first that no seed has, within the column's length."""
    return _free([name], name, lambda number: f" {number}")


def _name_of_copy(name: str) -> str:
    """``name (copy)``, ``name (copy 2)``, … within the column's length."""
    return _free([f"{name[:180]} (copy)"], name, lambda number: f" (copy {number})")


def _free(first: list[str], name: str, ending: Callable[[int], str]) -> str:
    used = set(Seed.objects.alive().filter(name__startswith=name[:180]).values_list("name", flat=True))
    numbered = (f"{name[:180]}{ending(number)}" for number in count(2))
    return next(each for each in chain(first, numbered) if each not in used)
