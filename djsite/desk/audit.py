"""Who changed what of a seed or an account: old and new values, in the history that the admin shows.

Secrets are only said to have been replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.forms import BaseForm

from djsite.desk.shown import shown

AnyUser = AbstractBaseUser | AnonymousUser


def note(user: AnyUser | None, rows: Iterable[Model], text: str, *, added: bool = False) -> None:
    """Write down what ``user`` did to each of ``rows``; the command line has no user, and no history."""
    listed = list(rows)
    if user is not None and user.pk is not None and listed:
        flag = ADDITION if added else CHANGE
        # one call for each: Django words a single entry as it is given
        for row in listed:
            LogEntry.objects.log_actions(user.pk, [row], flag, change_message=text, single_object=True)


def last_note(row: Model, text: str) -> LogEntry | None:
    """The newest entry about a row with this very text, and its user."""
    return last_notes(row, [text]).get(text)


def last_notes(row: Model, texts: Collection[str]) -> dict[str, LogEntry]:
    """By text, the newest entry about a row with it, and its user; one statement for all."""
    of_row = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk), change_message__in=texts
    )
    return {entry.change_message: entry for entry in of_row.select_related("user").order_by("pk")}


def changes(form: BaseForm) -> str:
    """What a form that was saved has changed, field by field."""
    return "; ".join(_change(form, name) for name in form.changed_data) or "Nothing was changed."


def _change(form: BaseForm, name: str) -> str:
    field = form.fields.get(name)
    label = str((field and field.label) or name.replace("_", " "))
    if field is None or name == "headers" or "password" in name:
        return f"{label}: replaced"
    before = form.get_initial_for_field(field, name)
    return f"{label}: {_words(before)} → {_words(form.cleaned_data.get(name))}"


def _words(value: Any) -> str:
    """A value in a line; lines of a text stand beside each other."""
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, QuerySet | list | tuple):
        return ", ".join(map(str, value)) or "nothing"
    return f"“{shown(' | '.join(str(value).splitlines()))}”"
