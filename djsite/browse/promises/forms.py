"""The form of a promise."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.db.models import Q

from catalog.models import Channel, Promise, Seed
from crawler.seeds import cron
from djsite.desk.words import WEEKDAYS

_DAYS = [(str(number), day) for number, day in enumerate(WEEKDAYS)]


class PromiseForm(forms.ModelForm):  # type: ignore[type-arg]
    """What must be there by when. Without a number it is as much as usual."""

    deadline = forms.TimeField(
        label="By",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"required": "Write a time.", "invalid": "Write a time such as 08:15."},
    )
    time_zone = forms.CharField(
        label="Time zone", max_length=64, widget=forms.TextInput({"size": 18, "spellcheck": "false"})
    )
    weekdays = forms.MultipleChoiceField(
        label="On",
        choices=_DAYS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day."},
    )
    least = forms.IntegerField(
        label="At least",
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        widget=forms.TextInput({"inputmode": "numeric", "size": 8}),
        error_messages={"invalid": "Write a number such as 500, or leave it empty: as many as usual."},
    )
    collection = forms.ChoiceField(label="Of", required=False)

    class Meta:
        model = Promise
        fields = (
            *("deadline", "time_zone", "weekdays", "least", "collection"),
            *("as_complete", "hold_exports", "channels", "enabled"),
        )
        labels: ClassVar = {
            "as_complete": "each field is as complete as usual",
            "hold_exports": "hold the exports of this seed",
            "channels": "Else tell",
            "enabled": "It is in force",
        }
        widgets: ClassVar = {"channels": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, seed: Seed, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        promise = self.instance
        if promise.pk is None:
            promise.seed = seed
            self.initial["time_zone"] = seed.time_zone
        self.initial["weekdays"] = list(promise.weekdays)
        names = [collection.name for collection in seed.policy().collections]
        names += [promise.collection] if promise.collection and promise.collection not in names else []
        collection = cast(forms.ChoiceField, self.fields["collection"])
        collection.choices = [("", "all pages or records"), *((name, name) for name in names)]
        channels = cast("forms.ModelMultipleChoiceField[Channel]", self.fields["channels"])
        mine = promise.channels.values("pk") if promise.pk else []
        channels.queryset = Channel.objects.filter(Q(enabled=True) | Q(pk__in=mine))

    def clean_time_zone(self) -> str:
        try:
            return cron.check_zone(self.cleaned_data["time_zone"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_weekdays(self) -> str:
        return "".join(sorted(self.cleaned_data["weekdays"]))
