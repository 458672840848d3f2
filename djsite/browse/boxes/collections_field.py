"""The box for rules: fields as lines, or collections as JSON, with a sentence for each mistake."""

from __future__ import annotations

from typing import Any

from django import forms

from crawler.collections import Collection, Field, of_fields
from crawler.seeds import check_field_lines
from crawler.seeds.collection_text import read_collections


class CollectionsField(forms.CharField):
    """Rules as text: fields, ``name = selector`` a line, or collections as JSON. Its value is collections."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Fields, or collections")
        options.setdefault("required", False)
        options.setdefault("widget", forms.Textarea({"rows": 6, "class": "code", "spellcheck": "false"}))
        options.setdefault(
            "help_text",
            "Fields, one a line: <code>price = .price</code>. Or a collection as JSON, as it is offered "
            "below a tried page. Empty: those of the seed, if one is chosen.",
        )
        super().__init__(**options)

    def clean(self, value: Any) -> list[Collection]:
        """The collections that a text says; a sentence for each mistake."""
        text = super().clean(value)
        if text.lstrip()[:1] in ("{", "["):
            try:
                return read_collections(text)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        plain, problems = check_field_lines(text)
        if problems:
            raise forms.ValidationError([str(problem) for problem in problems])
        return list(of_fields(tuple(map(Field.of, plain))))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other rules are said than before, however they are written."""
        try:
            return self.clean(initial) != self.clean(data)
        except forms.ValidationError:
            return True
