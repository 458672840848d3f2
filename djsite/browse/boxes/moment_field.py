"""The box for a moment of the past, in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from djsite.desk.as_of.moments import moment_of


class MomentField(forms.CharField):
    """A moment that is over, as text; its value is that moment, or None for how things are now."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "As it was at (UTC)")
        options.setdefault("required", False)
        options.setdefault("max_length", 40)
        options.setdefault("widget", forms.TextInput({"type": "datetime-local"}))
        super().__init__(**options)

    def clean(self, value: Any) -> datetime | None:
        """The moment that a text says; a sentence for what is none."""
        text = super().clean(value)
        try:
            return moment_of(text, timezone.now()) if text else None
        except ValueError as error:
            raise forms.ValidationError(f"{error}.") from error
