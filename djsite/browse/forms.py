"""The filters above the site's lists. A value that makes no sense is as good as none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet

from djsite.catalog.models import Export, Page, Run, Seed

ANY = ("", "any")


class Filter(forms.Form):
    """A form that is read from the address line and never refuses."""

    NO_SEED = "all seeds"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "seed" in self.fields:
            self.fields["seed"].choices = self._seeds()  # type: ignore[attr-defined]
        self.is_valid()

    def _seeds(self) -> list[tuple[Any, str]]:
        """The first seeds by name, and the one that is asked for wherever it stands."""
        alive = Seed.objects.alive()
        found: dict[Any, str] = dict(alive.values_list("pk", "name")[:MANY_SEEDS])
        asked = self.data.get("seed", "")
        if asked.isdecimal() and len(asked) < 19 and int(asked) not in found:
            found |= dict(alive.filter(pk=int(asked)).values_list("pk", "name"))
        return [("", self.NO_SEED), *found.items()]

    def values(self) -> dict[str, Any]:
        """The cleaned values by field; what was not understood is missing."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


MANY_SEEDS = 500  # a longer list is no use to choose from; the seed's own page leads to its rows as well


def seed_field() -> forms.TypedChoiceField:
    """A choice among the seeds that people see; its value is the seed's key."""
    return forms.TypedChoiceField(label="Seed", required=False, coerce=int, empty_value=None)


class SeedFilter(Filter):
    """Above the list of seeds."""

    text = forms.CharField(
        label="Name or address", required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(
        label="Schedule", required=False, choices=[ANY, ("enabled", "enabled"), ("paused", "paused")]
    )


class RunFilter(Filter):
    """Above the list of runs."""

    seed = seed_field()
    state = forms.ChoiceField(label="State", required=False, choices=[ANY, *Run.State.choices])
    kind = forms.ChoiceField(label="Started by", required=False, choices=[ANY, *Run.Kind.choices])


class PageFilter(Filter):
    """Above the list of pages."""

    HAPPENED = (
        ANY,
        ("new", "stored for the first time"),
        ("changed", "changed"),
        ("unchanged", "fetched, unchanged"),
        ("unseen", "not fetched"),
    )
    SINCE = (
        ("", "ever"),
        ("1", "the last hour"),
        ("24", "the last day"),
        ("168", "the last week"),
        ("720", "the last 30 days"),
    )
    SORT = (
        ("-last_changed_at", "changed last"),
        ("last_changed_at", "changed longest ago"),
        ("-last_fetched_at", "fetched last"),
        ("last_fetched_at", "fetched longest ago"),
    )

    seed = seed_field()
    text = forms.CharField(
        label="In address or title",
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )
    happened = forms.ChoiceField(label="What happened", required=False, choices=HAPPENED)
    since = forms.TypedChoiceField(label="In", required=False, coerce=int, empty_value=None, choices=SINCE)
    sort = forms.ChoiceField(label="Order", required=False, choices=SORT)

    def apply(self, pages: QuerySet[Page], now: datetime) -> tuple[str, QuerySet[Page]]:
        """The order to show, and the pages that pass."""
        asked = self.values()
        if "seed" in asked:
            pages = pages.filter(seed=asked["seed"])
        if "text" in asked:
            pages = pages.filter(Q(url__icontains=asked["text"]) | Q(latest__title__icontains=asked["text"]))
        since = now - timedelta(hours=asked["since"]) if "since" in asked else None
        return asked.get("sort", self.SORT[0][0]), _happened(pages, asked.get("happened", ""), since)


def _happened(pages: QuerySet[Page], what: str, since: datetime | None) -> QuerySet[Page]:
    """Pages that ``what`` happened to since then; without a time, ever; without a what, that were fetched."""
    if what == "new":
        pages = pages.filter(versions=1) if since is None else pages.filter(first_stored_at__gte=since)
    elif what == "changed":
        pages = pages.filter(versions__gt=1)
        pages = pages if since is None else pages.filter(last_changed_at__gte=since)
    elif what == "unchanged":
        pages = pages.filter(last_fetched_at__gt=F("last_changed_at"))
        pages = pages if since is None else pages.filter(last_fetched_at__gte=since)
    elif what == "unseen":
        pages = pages if since is None else pages.filter(last_fetched_at__lt=since)
    elif since is not None:
        pages = pages.filter(last_fetched_at__gte=since)
    return pages


class RecordFilter(Filter):
    """Above the table of records."""

    NO_SEED = "choose a seed"

    seed = seed_field()


class ExportForm(forms.ModelForm):  # type: ignore[type-arg]
    """Asks for a file made in the background."""

    seed = forms.ModelChoiceField(Seed.objects.alive(), required=False, empty_label="all seeds")

    class Meta:
        model = Export
        fields = ("kind", "format", "seed", "every_outcome")
        labels = {"kind": "What", "every_outcome": "Also visits that failed, were skipped or redirected"}
