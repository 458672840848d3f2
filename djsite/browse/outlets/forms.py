"""The form of an outlet: what goes, in which form, where to, and when."""

from __future__ import annotations

from datetime import time
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField
from django.utils import timezone

from catalog.formats import COMPRESSIONS, ROW_FORMATS
from catalog.models import Export, Outlet, Seed
from djsite.browse.boxes.setting_boxes import boxes_of, networks_box, options_of, secrets_in
from djsite.browse.boxes.time_of_day import DAILY, MISSING, at_box, cron_line, days_box, time_of_day
from djsite.browse.forms import MANY_SEEDS
from djsite.desk.access.receivers import NETWORKS
from djsite.desk.outlets import lists, saving
from djsite.desk.outlets.lists import wanted_of, words_of
from djsite.desk.outlets.places import begun_secrets, choice_of, place_of
from djsite.desk.outlets.words import SHARES

NEVER, CRON = "manual", "cron"  # ways of the schedule, as the form of a seed has them
WAYS = [(DAILY, "at a time of day"), (CRON, "by a cron line"), (NEVER, "at no set time")]
WHEN = ("after_runs", "schedule", "at", "days", "cron", "time_zone")
KINDS = [
    (Export.Kind.RECORDS.value, "records: the things that are read from the pages"),
    (Export.Kind.PAGES.value, "pages: their addresses, titles and texts"),
]
USUAL_FORMAT = "csv"
OF_FILE = ("format", "compression", "keep")


class TimesForm(forms.Form):
    """When something goes; alone, it tells the next times of what is being written."""

    after_runs = forms.BooleanField(label="After each finished run of the seed", required=False)
    schedule = forms.ChoiceField(
        label="At set times", choices=WAYS, initial=DAILY, required=False, widget=forms.RadioSelect
    )
    at = at_box()
    days = days_box()
    cron = forms.CharField(
        label="Cron line",
        required=False,
        max_length=200,
        help_text="Five parts: minute, hour, day of month, month, day of week. "
        "<code>0 8 * * 1-5</code> is 08:00 from Monday to Friday.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=[(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        initial="UTC",
    )

    def clean(self) -> dict[str, Any]:
        """Write the cron line that the boxes mean."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        way, at = values.get("schedule"), cast("time | None", values.get("at"))
        if way == DAILY and at is None and "at" not in self.errors:
            self.add_error("at", MISSING)
        if way == CRON and not values.get("cron"):
            self.add_error("cron", "Write a cron line, for example 0 8 * * * for every day at 08:00.")
        if way == DAILY:
            values["cron"] = cron_line(at, values.get("days", "")) if at is not None else ""
        elif way != CRON:
            values["cron"] = ""
        return values


class OutletForm(TimesForm, forms.ModelForm):  # type: ignore[type-arg]
    """The settings of the place are fields of their own. A secret that is left empty stays as it is."""

    what = forms.ChoiceField(label="Data of", error_messages={"required": "Choose the seed."})
    kind = forms.ChoiceField(label="What of it", choices=KINDS, widget=forms.RadioSelect)
    share = forms.ChoiceField(
        label="How much",
        choices=list(SHARES.items()),
        widget=forms.RadioSelect,
        help_text="What is gone is told, so that it can be deleted there. The first time all of it goes.",
    )
    format = forms.ChoiceField(label="As", choices=[(each.name, each.label) for each in ROW_FORMATS.values()])
    compression = forms.ChoiceField(
        label="Compressed",
        required=False,
        choices=[("", "no"), *((each.name, each.label) for each in COMPRESSIONS.values())],
    )
    keep = forms.IntegerField(
        label="Files that stay there",
        required=False,
        min_value=1,
        max_value=100_000,
        help_text="Older ones that were sent from here are deleted. Empty: all stay.",
    )

    class Meta:
        model = Outlet
        fields = (
            "name", "kind", "share", "format", "compression", "keep", "after_runs", "cron", "time_zone",
            "obeys_promises",
        )  # fmt: skip
        labels = {
            "name": "Call it",
            "obeys_promises": "Wait while a promise about these data is broken",
        }

    def __init__(self, *args: Any, networks: bool, **kwargs: Any) -> None:
        """``networks``: whether private ones may be allowed."""
        super().__init__(*args, **kwargs)
        outlet = self.instance
        self.place, self.settings = choice_of(outlet.place), place_of(outlet.place).SETTINGS
        self.fields["name"].required = False
        self.fields["name"].help_text = "Empty: the names of the seed and the place."
        added = outlet.pk is None
        begin = begun_secrets(outlet.place) if added else {}
        self.own = boxes_of(self.settings, outlet.options, kept=not added, begin=begin)
        self.fields |= self.own
        if networks and self.place.is_remote:
            self.fields[NETWORKS] = networks_box(outlet.options)
        for name in () if self.place.takes_file else OF_FILE:
            del self.fields[name]
        if added:
            self.initial["format"] = USUAL_FORMAT
        else:
            self._read_times(outlet)
        self._offer_lists()

    def _read_times(self, outlet: Outlet) -> None:
        daily = time_of_day(outlet.cron)
        self.initial["schedule"] = CRON if outlet.cron else NEVER
        if daily is not None:
            self.initial.update(schedule=DAILY, at=daily.at, days=daily.days)

    def _offer_lists(self) -> None:
        """All seeds, the views that are kept, and what was chosen if that is something else."""
        now = timezone.now()
        seeds = [(str(pk), name) for pk, name in Seed.objects.alive().values_list("pk", "name")[:MANY_SEEDS]]
        views = lists.kept_lists(now)
        given = str(self.data.get("what", "")) or self.initial.get("what") or lists.text_of(self.instance)
        self.initial["what"] = given
        chosen = []
        if given and given not in dict(seeds) | dict(views):
            try:
                chosen = [(given, words_of(wanted_of(given), now))]
            except ValueError:
                chosen = []  # it is refused
        cast(forms.ChoiceField, self.fields["what"]).choices = [
            ("", "choose"), *chosen, ("All data of a seed", seeds), ("Lists that are kept under Data", views)
        ]  # fmt: skip

    @property
    def what_boxes(self) -> list[BoundField]:
        """The boxes that say what goes."""
        return [self[name] for name in ("what", "kind", "share")]

    @property
    def place_boxes(self) -> list[BoundField]:
        """The boxes that say where it goes."""
        return [self[name] for name in (*self.own, "keep", NETWORKS) if name in self.fields]

    def secrets(self) -> dict[str, str]:
        """The secrets that were written."""
        return secrets_in(self, self.settings)

    def _post_clean(self) -> None:
        """Write the boxes into the outlet, and ask the desk what is wrong with it."""
        outlet = self.instance
        try:
            outlet.seed, outlet.query = wanted_of(self.cleaned_data.get("what", ""))
        except ValueError as error:
            if not self.has_error("what"):
                self.add_error("what", str(error))
            return
        if not self.cleaned_data.get("name"):
            self.cleaned_data["name"] = outlet.name if outlet.pk else saving.free_name(outlet)
        super()._post_clean()  # type: ignore[misc]
        outlet.options = self._options()
        for name, sentence in saving.check(outlet, self.secrets(), timezone.now()).items():
            box = "what" if name == "query" else name
            if not self.has_error(box):
                self.add_error(box if box in self.fields else None, sentence)

    def _options(self) -> dict[str, Any]:
        kept = {name: value for name, value in self.instance.options.items() if name not in self.fields}
        return {**kept, **options_of(self, self.settings, NETWORKS)}
