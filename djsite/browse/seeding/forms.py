"""The seed form of the site: the admin's, with the address first and times of day in words.

What is accepted is that of :class:`djsite.browse.seed_form.SeedForm`, which asks :mod:`crawler.seeds`.
"""

from __future__ import annotations

from datetime import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django import forms

from catalog.models import Seed
from crawler.collections import PAGES
from crawler.seeds import Schedule, checks, lines
from djsite.browse.boxes.field_rows import FieldRows
from djsite.browse.boxes.time_of_day import DAILY, MISSING, at_box, cron_line, days_box, time_of_day
from djsite.browse.seed_form import SeedForm
from djsite.desk import seeds
from djsite.desk.audit import AnyUser

WAYS = [
    (Schedule.INTERVAL.value, "every so often"),
    (DAILY, "at a time of day"),
    (Schedule.CRON.value, "by a cron line"),
    (Schedule.MANUAL.value, "by hand only"),
]
WHEN = ("enabled", "schedule", "every", "unit", "at", "days", "cron", "time_zone")
Values = dict[str, dict[str, Any]]


class Row(NamedTuple):
    """A field of every page in the form: its name, its rule, and its value when it was read last."""

    name: str = ""
    rule: str = ""
    value: Any = None


class SiteSeedForm(SeedForm):
    """A seed as the site asks for it. ``values``: those that its fields had last, by collection and name."""

    EMPTY_ROWS = 3

    schedule = forms.ChoiceField(
        label="It runs", choices=WAYS, initial=Schedule.INTERVAL.value, widget=forms.RadioSelect
    )
    at = at_box()
    days = days_box()

    def __init__(self, *args: Any, user: AnyUser, values: Values | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.values = values or {}
        self.fields["name"].required = False
        self.fields["name"].help_text = "Empty: the host of the address."
        self.fields["rules"].widget = FieldRows()
        self.fields["start_urls"].label = "Address"
        self.fields["start_urls"].help_text = "One a line, if it begins at several."
        if "schedule" not in kwargs.get("initial", {}):
            self._read_time_of_day()
        self.locked = not seeds.may_steer(user, self.instance)
        if not seeds.may_open_networks(user):
            del self.fields["allow_networks"]
        for name in seeds.DESTINATION_FIELDS if self.locked else ():
            del self.fields[name]

    def keep_only(self, names: tuple[str, ...]) -> None:
        """Ask for some of the boxes alone, as for the due times of a schedule that is being written."""
        for name in set(self.fields) - set(names):
            del self.fields[name]

    def rows(self) -> list[Row]:
        """The fields of every page as rows, and some that are empty."""
        rows, values = [], self.values.get(PAGES, {})
        for line in lines(str(self["rules"].value() or "")):
            name, _, rule = (part.strip() for part in line.partition("="))
            rows.append(Row(name, rule, values.get(name.rstrip("[]!"))))
        return [*rows, *[Row()] * self.EMPTY_ROWS]

    def clean_start_urls(self) -> str:
        return "\n".join(map(checks.with_scheme, lines(self.cleaned_data["start_urls"])))

    def clean(self) -> dict[str, Any]:
        """Bring what only this form has into the columns of a seed."""
        if not self.cleaned_data.get("name", "-"):
            self.cleaned_data["name"] = self._name_of_address()
        if self.cleaned_data.get("schedule") == DAILY:
            self._write_time_of_day()
        return super().clean()

    def _name_of_address(self) -> str:
        written = self.cleaned_data.get("start_urls", self.instance.start_urls)
        try:
            host = urlsplit(next(iter(lines(written)), "")).hostname
        except ValueError:
            host = None
        return (
            seeds.free_name(host.removeprefix("www.")[:180]) if host else "-"
        )  # the address is refused then

    def _read_time_of_day(self) -> None:
        daily = time_of_day(self.instance.cron)
        if self.instance.schedule == Schedule.CRON and daily is not None:
            self.initial.update(schedule=DAILY, at=daily.at, days=daily.days)

    def _write_time_of_day(self) -> None:
        at: time | None = self.cleaned_data.get("at")
        if at is None:
            if "at" not in self.errors:
                self.add_error("at", MISSING)
            self.cleaned_data.pop("schedule")
            return
        self.cleaned_data["schedule"] = Schedule.CRON.value
        self.cleaned_data["cron"] = cron_line(at, self.cleaned_data.get("days", ""))


def blank(user: AnyUser) -> SiteSeedForm:
    """The form of a seed of which nothing is said yet."""
    return SiteSeedForm(instance=Seed(), user=user)
