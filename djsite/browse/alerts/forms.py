"""The form of an alert: a sentence of boxes, of which only those of its condition are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django import forms

from catalog.models import Alert, KeptView, Seed
from crawler.seeds import cron
from djsite.desk.alerts import choices
from djsite.desk.alerts.choices import Condition
from djsite.desk.alerts.words import condition_words
from djsite.desk.audit import AnyUser
from djsite.desk.events.kept import kept_views
from djsite.desk.words import WEEKDAYS

MANY_SEEDS = 500  # nobody chooses from a longer list; a seed's own page leads here too
SEED, VIEW = "seed", "view"
MORNING = "08:00"
BOXES = ("collection", "field", "least", "in_percent", "limit", "text", "second_look")
"""Those that depend on the condition and the place."""


class NumberBox(forms.FloatField):
    """A number with a point or a comma for its decimals."""

    widget = forms.TextInput({"inputmode": "decimal", "size": 7})

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:.12g}" if isinstance(value, float) else value


class AlertForm(forms.ModelForm):  # type: ignore[type-arg]
    """An alert. ``place`` is a seed or a kept view; with a condition, the boxes that both need are there."""

    place = forms.ChoiceField(label="Where", required=False)
    least = NumberBox(label="At least", required=False, min_value=0)
    in_percent = forms.TypedChoiceField(
        label="Unit",
        required=False,
        coerce=lambda text: text == "True",
        choices=[("True", "%"), ("False", "as a number")],
    )
    limit = NumberBox(label="Limit", error_messages={"required": "Write the limit, such as 9.90."})
    text = forms.CharField(
        label="Text", max_length=500, error_messages={"required": "Write the text that it is about."}
    )
    rhythm_weekday = forms.TypedChoiceField(
        label="Day", required=False, coerce=int, empty_value=None, choices=list(enumerate(WEEKDAYS))
    )
    rhythm_time = forms.TimeField(
        label="Time",
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Write a time such as 08:00."},
    )
    time_zone = forms.CharField(
        label="Time zone", required=False, widget=forms.TextInput({"size": 18, "spellcheck": "false"})
    )
    name = forms.CharField(
        label="Call it",
        required=False,
        max_length=200,
        widget=forms.TextInput({"placeholder": "what it says"}),
    )

    class Meta:
        model = Alert
        fields = (
            *(
                "condition",
                *BOXES,
                "channels",
                "rhythm",
                "rhythm_weekday",
                "rhythm_time",
                "time_zone",
                "name",
            ),
        )
        labels: ClassVar = {
            "condition": "When",
            "collection": "Of",
            "field": "Field",
            "channels": "Tell",
            "rhythm": "How often",
            "second_look": "only after a second look, some minutes later, agrees",
        }
        widgets: ClassVar = {"channels": forms.CheckboxSelectMultiple}
        error_messages: ClassVar = {"condition": {"required": "Choose what you want to be told of."}}

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alert = self.instance
        if alert.pk and alert.name == condition_words(alert):
            self.initial["name"] = ""
        if not self.initial.get("rhythm_time"):
            self.initial["rhythm_time"] = MORNING
        self._offer("condition", [("", "…"), *choices.conditions(alert, user)])
        self._offer("place", _places(self._given("place")))
        alert.condition = self._given("condition")
        alert.seed, alert.view = _place(self._given("place"))
        self.chosen = alert.condition in Condition.values
        for name in set(BOXES) - choices.boxes_of(alert):
            del self.fields[name]
        seed = choices.seed_of(alert)
        self._offer_names(seed)
        if alert.pk is None and seed is not None:
            self.initial["time_zone"] = kwargs.get("initial", {}).get("time_zone", seed.time_zone)

    def _given(self, name: str) -> str:
        """What was sent for a box, or what it begins with."""
        if self.is_bound:
            return str(self.data.get(name, ""))
        return str(self.get_initial_for_field(self.fields[name], name) or "")

    def _offer(self, name: str, offered: Sequence[Any]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = offered

    def _offer_names(self, seed: Seed | None) -> None:
        """The collections and fields of a seed to choose from; without a seed they are written."""
        if seed is None:
            return
        offered = {"collection": choices.collections(seed), "field": choices.fields(seed)}
        for name, any_of_them in (("collection", "all collections"), ("field", "any field")):
            if name in self.fields:
                self.fields[name] = forms.ChoiceField(
                    label=self.fields[name].label,
                    required=False,
                    choices=[("", any_of_them), *_with(offered[name], self._given(name))],
                )

    def clean_time_zone(self) -> str:
        try:
            return cron.check_zone(self.cleaned_data["time_zone"] or "UTC")
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Say what does not go together, and take back what the boxes that are gone had said."""
        values = super().clean() or {}
        alert = self.instance
        if "limit" in self.fields and not values.get("field"):
            self.add_error("field", "Choose the field that the limit is of.")
        for name in set(BOXES) - set(self.fields):
            setattr(alert, name, getattr(Alert(), name))
        return values


def _with(offered: choices.Choices, given: str) -> choices.Choices:
    """What is offered, and what was given if that is something else: rules change, alerts stay."""
    return offered if given in ("", *dict(offered)) else [*offered, (given, given)]


def _places(given: str) -> list[Any]:
    """All seeds, the first ones by name and the chosen one; the views that are kept."""
    alive = Seed.objects.alive()
    seeds = dict(alive.values_list("pk", "name")[:MANY_SEEDS])
    if (seed := _place(given)[0]) is not None:
        seeds |= {seed.pk: seed.name}
    views = kept_views().values_list("pk", "name")
    return [
        ("", "all seeds"),
        ("Seeds", [(f"{SEED}-{pk}", name) for pk, name in seeds.items()]),
        ("Kept views", [(f"{VIEW}-{pk}", name) for pk, name in views]),
    ]


def _place(given: str) -> tuple[Seed | None, KeptView | None]:
    """The seed or the kept view that is meant; neither for what is no place."""
    kind, _, key = given.partition("-")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None, None
    if kind == SEED:
        return Seed.objects.alive().filter(pk=int(key)).first(), None
    return None, kept_views().filter(pk=int(key)).first() if kind == VIEW else None
