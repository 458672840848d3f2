"""Making, changing, pausing and deleting outlets in somebody's name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import chain, count

from django.core.exceptions import PermissionDenied
from django.db import transaction

from catalog.models import Outlet
from djsite.desk import audit
from djsite.desk.access import receivers
from djsite.desk.access.receivers import Problems, kept_secrets
from djsite.desk.audit import AnyUser
from djsite.desk.outlets import lists
from djsite.desk.outlets.places import NETWORKS, place_label, place_of
from pipelines import shipping

SERVER = ("host", "port", "user", "encryption", "endpoint", "fingerprints")
"""Options that say which receiver it is."""
NAME_LENGTH = 100  # characters


def check(outlet: Outlet, given: Mapping[str, str], now: datetime) -> Problems:
    """What is wrong with an outlet as it is written; secrets that are not given stay as they are.

    The names are those of its columns, or of settings of its place.
    """
    secret = {**kept_secrets(outlet), **given}
    problems = _settings_missing(outlet, secret) or shipping.check_outlet(outlet, secret, now)
    before = Outlet.objects.filter(pk=outlet.pk).first() or outlet
    if Outlet.objects.filter(name=outlet.name).exclude(pk=outlet.pk).exists():
        problems["name"] = "Something else that is sent has this name. Choose one of its own."
    return {**receivers.follow(before, outlet.options, given, SERVER), **problems}


def _settings_missing(outlet: Outlet, secret: Mapping[str, str]) -> Problems:
    """Settings that the place needs and has not, has and does not know, or that are none of its choices."""
    try:
        place = place_of(outlet.place)
    except ValueError:
        return {}  # the check of the outlet says so
    known = {each.name for each in place.SETTINGS if not each.secret} | {NETWORKS}
    secrets = {each.name for each in place.SETTINGS if each.secret}
    strange = (outlet.options.keys() - known) | (secret.keys() - secrets)
    problems = dict.fromkeys(sorted(strange), "The place asks for no such thing.")
    for setting in place.SETTINGS:
        value = (secret if setting.secret else outlet.options).get(setting.name, "")
        if setting.needed and not value:
            problems[setting.name] = "Fill this in."
        elif value and setting.choices and value not in setting.choices:
            problems[setting.name] = f"Give one of {', '.join(filter(None, setting.choices))}."
        elif value and isinstance(value, list) != setting.many:
            problems[setting.name] = "Give a list of texts." if setting.many else "Give a text."
    return problems


def save(outlet: Outlet, given: Mapping[str, str], now: datetime, user: AnyUser, words: str = "") -> None:
    """Write an outlet that was checked, and who did.

    Raises:
        PermissionDenied: it would reach a private network, and the user is not staff.
    """
    before = Outlet.objects.filter(pk=outlet.pk).first()
    if not receivers.may_save(user, before, outlet.options):
        raise PermissionDenied("Only staff open private networks.")
    secret = {name: value for name, value in {**kept_secrets(outlet), **given}.items() if value}
    outlet.query = lists.tidy(outlet.query, now)
    outlet.secret = json.dumps(secret) if secret else ""
    added = outlet.pk is None
    with transaction.atomic():
        if added:
            outlet.owner_id = user.pk
        shipping.put_in_force(outlet, now)
        audit.note(user, [outlet], words or receivers.saved_words(given), added=added)


def free_name(outlet: Outlet) -> str:
    """``Shop to Folder``, with a number if something else has that name."""
    name = f"{outlet.seed.name[:60]} to {place_label(outlet.place)[:30]}"
    used = set(Outlet.objects.filter(name__startswith=name).values_list("name", flat=True))
    names = chain([name], (f"{name} {number}" for number in count(2)))
    return next(each for each in names if each not in used)


def switch(outlet: Outlet, enabled: bool, now: datetime, user: AnyUser) -> None:
    """Let it go on, or pause it; what is being sent now is sent to its end."""
    if outlet.enabled == enabled:
        return
    with transaction.atomic():
        audit.note(user, [outlet], "Goes on." if enabled else "Paused.")
        if enabled:
            shipping.resume(outlet, now)
        else:
            shipping.pause(outlet)


def remove(outlet: Outlet, user: AnyUser) -> None:
    """Delete an outlet with its log; what has arrived stays at its place."""
    audit.note(user, [outlet], "Deleted.")
    outlet.delete()
