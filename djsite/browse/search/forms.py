"""The words and the filters of a search."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from catalog.search.question import LONGEST
from djsite.browse.forms import ANY, Filter, seed_field
from djsite.desk.data.listing import read_list
from djsite.desk.data.words import ASKED, SINCE, query_of_form
from djsite.desk.read.seeds import tags_in_use
from djsite.desk.search.searching import Asked


class SearchFilter(Filter):
    """Above the pages that were found."""

    text = forms.CharField(
        label="Words", required=False, max_length=LONGEST, widget=forms.TextInput({"type": "search"})
    )
    seed = seed_field()
    tag = forms.ChoiceField(label="Tag", required=False)
    host = forms.CharField(
        label="Host",
        required=False,
        max_length=300,
        widget=forms.TextInput({"placeholder": "www.example.org"}),
    )
    since = forms.ChoiceField(
        label="Changed",
        required=False,
        choices=[("", "at any time"), *((v, f"in {w}") for v, w in SINCE.items())],
    )
    there = forms.BooleanField(label="Only pages that are not gone", required=False)
    field = forms.CharField(required=False, max_length=100)
    asked = forms.ChoiceField(required=False, choices=list(ASKED.items()))
    value = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = tags_in_use()
        self.fields["tag"].choices = [ANY, *((tag, tag) for tag in tags)]  # type: ignore[attr-defined]
        if not tags:
            del self.fields["tag"]
        self.full_clean()

    def wanted(self, now: datetime) -> tuple[Asked, list[str]]:
        """What is asked for, and sentences about what makes no sense, which then asks for nothing."""
        values = self.values()
        condition = [(name, str(values.get(name, ""))) for name in ("field", "asked", "value")]
        records, problems = read_list(query_of_form(condition), now)
        asked = Asked(
            values.get("text", ""),
            seed=values.get("seed"),
            tag=values.get("tag", ""),
            host=values.get("host", ""),
            changed_since=values.get("since", ""),
            there=values.get("there", False),
            conditions=records.conditions,
        )
        return asked, [problem.sentence for problem in problems]
