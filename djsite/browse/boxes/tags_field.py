"""The box for tags: words by which people group seeds, with commas between them."""

from __future__ import annotations

from typing import Any

from django import forms

from crawler.seeds.tags import read_tags


class TagsField(forms.CharField):
    """Tags as text, ``shop, morning``; its value is a list of them."""

    def __init__(self) -> None:
        super().__init__(
            label="Tags",
            required=False,
            widget=forms.TextInput({"placeholder": "shop, morning", "autocomplete": "off"}),
            help_text="Words by which the list of seeds can be filtered, with commas between them.",
        )

    def prepare_value(self, value: Any) -> Any:
        """Tags as people write them."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The tags that a text says; a sentence for what is none."""
        try:
            return read_tags(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other tags are said than before, however they are written."""
        return bool(self.prepare_value(initial or "") != self.prepare_value(data or ""))
