"""The form of a group: a box for each setting that it may give; an empty one gives nothing."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from catalog.models import SeedGroup
from crawler.seeds import Schedule, check
from djsite.desk.bulk.actions import TURNS, UNITS, Refused, read_schedule

PLAIN = ("lane", "priority", "delay", "per_host", "user_agent")


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]
    """A group's name, and what it gives to its seeds."""

    schedule = forms.CharField(
        label="Schedule",
        required=False,
        max_length=200,
        widget=forms.TextInput({"placeholder": "every 6 hours, 08:00, a cron line, by hand"}),
    )
    time_zone = forms.ChoiceField(
        label="Time zone", required=False, choices=[(zone, zone) for zone in sorted(available_timezones())]
    )
    lane = forms.TypedChoiceField(
        label="Turn",
        required=False,
        help_text="Which seed goes first when many are due.",
        coerce=int,
        empty_value=None,
        choices=[("", "each seed's own"), *((lane.value, words) for lane, words in TURNS.items())],
    )
    priority = forms.IntegerField(
        label="Priority", required=False, help_text="0 to 9 among the seeds of the same turn; 9 goes first."
    )
    delay = forms.FloatField(
        label="Seconds between requests",
        required=False,
        help_text="To each host, from the end of one answer to the next request.",
    )
    per_host = forms.IntegerField(
        label="Connections a host", required=False, help_text="Requests to one host at the same time."
    )
    user_agent = forms.CharField(
        label="User agent",
        required=False,
        max_length=300,
        help_text="The name by which sites know the crawler.",
    )

    class Meta:
        model = SeedGroup
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings = self.instance.settings
        self.initial.update({name: settings[name] for name in PLAIN if name in settings})
        self.initial.update(schedule=written_schedule(settings), time_zone=settings.get("time_zone", "UTC"))

    def clean(self) -> dict[str, Any]:
        """Bring what was written into the columns of a seed, checked as those of a seed are."""
        values = super().clean() or self.cleaned_data
        settings = {name: values[name] for name in PLAIN if values.get(name) not in (None, "")}
        if values.get("schedule"):
            try:
                settings |= {
                    **read_schedule(values["schedule"]),
                    "time_zone": values.get("time_zone") or "UTC",
                }
            except Refused as error:
                self.add_error("schedule", str(error))
        tidied, problems = check(settings)
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else "schedule", str(problem))
        self.instance.settings = tidied
        return values


def written_schedule(settings: dict[str, Any]) -> str:
    """A schedule as people write it; empty for none."""
    schedule = settings.get("schedule")
    if schedule == Schedule.CRON:
        return str(settings["cron"])
    if schedule != Schedule.INTERVAL:
        return "by hand" if schedule else ""
    seconds = settings["interval_seconds"]
    unit, size = next(
        (unit, size) for unit, size in reversed(UNITS.items()) if seconds % size == 0 or size == 60
    )
    return f"every {seconds // size} {unit}s"
