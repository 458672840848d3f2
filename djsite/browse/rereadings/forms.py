"""The form that asks to have stored pages read again."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms

from catalog.models import Seed


class RereadingForm(forms.Form):
    """Says which versions and which collection. Empty, as from a button: all of them."""

    collection = forms.ChoiceField(label="Values of", required=False)
    since = forms.DateField(
        label="Pages stored since (UTC)",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write a date such as 2026-03-31, or leave it empty for all."},
    )

    def __init__(self, *args: Any, seed: Seed, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [collection.name for collection in seed.policy().collections]
        field = self.fields["collection"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "all collections"), *((name, name) for name in names)]
        field.error_messages["invalid_choice"] = "The rules no longer have this collection. Choose another."
        if len(names) < 2:
            del self.fields["collection"]

    def wishes(self) -> dict[str, Any]:
        """What the desk takes."""
        day = self.cleaned_data["since"]
        since = datetime.combine(day, time.min, UTC) if day else None
        return {"since": since, "collection": self.cleaned_data.get("collection", "")}
