"""The filters above the list of what changed, and the form that keeps a list under a name."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.models import Seed
from djsite.browse.forms import ANY, Filter, seed_field
from djsite.desk.events.words import HOURS, KIND_GROUPS

KINDS = (
    ("", "any change"),
    *((group, list(kinds.items())) for group, kinds in KIND_GROUPS.items()),
)


class ChangeFilter(Filter):
    """Above the list of what changed. The list itself reads the address (:class:`EventList`)."""

    seed = seed_field()
    kind = forms.ChoiceField(label="What happened", required=False, choices=KINDS)
    collection = forms.CharField(
        label="Collection",
        required=False,
        max_length=100,
        widget=forms.TextInput({"list": "collections", "size": 12}),
    )
    field = forms.CharField(
        label="Field", required=False, max_length=200, widget=forms.TextInput({"list": "fields", "size": 12})
    )
    direction = forms.ChoiceField(
        label="Direction", required=False, choices=[ANY, ("up", "▲ up"), ("down", "▼ down")]
    )
    least = forms.CharField(
        label="By at least (in its unit)",
        required=False,
        max_length=20,
        widget=forms.TextInput({"inputmode": "decimal", "size": 6}),
    )
    percent = forms.CharField(
        label="By at least, %",
        required=False,
        max_length=20,
        widget=forms.TextInput({"inputmode": "decimal", "size": 6}),
    )
    since = forms.ChoiceField(label="In", required=False, choices=[("", "all time"), *HOURS.items()])
    begin = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    end = forms.DateField(label="Until", required=False, widget=forms.DateInput({"type": "date"}))
    text = forms.CharField(
        label="In name or address",
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )
    withdrawn = forms.BooleanField(
        label="Also what a second look withdrew", required=False, widget=forms.CheckboxInput({"value": "1"})
    )

    COMMON = ("seed", "kind", "direction", "percent", "since", "text")
    RARE = ("collection", "field", "least", "begin", "end")

    @property
    def common(self) -> list[forms.BoundField]:
        """The filters that are always shown."""
        return [self[name] for name in self.COMMON]

    @property
    def rare(self) -> list[forms.BoundField]:
        """The filters that are folded away."""
        return [self[name] for name in self.RARE]

    @property
    def has_rare(self) -> bool:
        """Whether a filter that is folded away is in use."""
        return any(self.data.get(name) for name in (*self.RARE, "withdrawn"))

    def suggestions(self) -> dict[str, list[str]]:
        """The names of the collections and fields of the chosen seed."""
        seed = Seed.objects.alive().filter(pk=self.values().get("seed", 0)).first()
        collections = seed.policy().collections if seed is not None else ()
        return {
            "collections": [collection.name for collection in collections],
            "fields": list(dict.fromkeys(field.name for each in collections for field in each.fields)),
        }


class NameForm(forms.Form):
    """Names a view."""

    name = forms.CharField(
        label="Name",
        max_length=100,
        error_messages={"required": "Give the view a name by which you will know it."},
        widget=forms.TextInput({"placeholder": "Tea that got cheaper"}),
    )

    def problem(self) -> str:
        """What is wrong with the name, in a sentence."""
        return "" if self.is_valid() else " ".join(map(str, self.errors.get("name", [])))

    @property
    def chosen(self) -> Any:
        """The name."""
        return self.cleaned_data["name"]
