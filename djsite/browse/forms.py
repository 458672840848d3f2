"""The filters above the site's lists. A value that makes no sense is ignored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet

from catalog.formats import FORMATS
from catalog.models import Export, Page, Run, Seed
from crawler.rules.breaker import BREAKER_THRESHOLD
from djsite.desk.recrawls import MAX_URLS

ANY = ("", "any")


class Filter(forms.Form):
    """A form that is read from the address line and never refuses a value."""

    NO_SEED = "all seeds"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "seed" in self.fields:
            self.fields["seed"].choices = self._seeds()  # type: ignore[attr-defined]
        self.is_valid()

    def _seeds(self) -> list[tuple[Any, str]]:
        """The first seeds by name, and the chosen one wherever it stands."""
        alive = Seed.objects.alive()
        names: dict[Any, str] = dict(alive.values_list("pk", "name")[:MANY_SEEDS])
        chosen = self.data.get("seed", "")
        if chosen.isdecimal() and len(chosen) < 19 and int(chosen) not in names:
            names |= dict(alive.filter(pk=int(chosen)).values_list("pk", "name"))
        return [("", self.NO_SEED), *names.items()]

    def values(self) -> dict[str, Any]:
        """The cleaned values by field; what was not understood is missing."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


MANY_SEEDS = 500  # nobody chooses from a longer list; the seed's own page leads to its rows too


def seed_field() -> forms.TypedChoiceField:
    """A choice among the seeds that people see; its value is the seed's key."""
    return forms.TypedChoiceField(label="Seed", required=False, coerce=int, empty_value=None)


class SeedFilter(Filter):
    """Above the list of seeds."""

    text = forms.CharField(
        label="Name or address", required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(label="Schedule", required=False, choices=[ANY, ("on", "on"), ("off", "off")])


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

    @property
    def order(self) -> str:
        """The column to order by, with a minus for the newest first."""
        return str(self.values().get("sort", self.SORT[0][0]))

    def narrowed(self, pages: QuerySet[Page], now: datetime) -> QuerySet[Page]:
        """``pages`` without those that the order's own index can tell are too old or too new.

        A page that was stored or changed since then was also fetched since then, and a page that was not
        fetched did not change: so most bounds in time hold for either column.
        """
        since, column, event = self._since(now), self.order.lstrip("-"), self.values().get("happened", "")
        if since is None or (column != "last_fetched_at" and event in ("", "unchanged")):
            return pages
        return pages.filter(**{f"{column}__{'lt' if event == 'unseen' else 'gte'}": since})

    def search(self, now: datetime, *, text: bool = True) -> Q | None:
        """What the filters ask for, except the seed, or also the text; None when they ask for nothing."""
        values = self.values()
        condition = _happened(values.get("happened", ""), self._since(now))
        if text and "text" in values:
            condition &= Q(url__icontains=values["text"]) | Q(latest__title__icontains=values["text"])
        return condition or None

    def _since(self, now: datetime) -> datetime | None:
        hours = self.values().get("since")
        return now - timedelta(hours=hours) if hours else None


def _happened(event: str, since: datetime | None) -> Q:
    """That ``event`` happened since then; without a time, ever; without an event, that a page was fetched."""
    ever, time_lookup = {
        "new": (Q(versions=1), "first_stored_at__gte"),
        "changed": (Q(versions__gt=1), "last_changed_at__gte"),
        "unchanged": (Q(last_fetched_at__gt=F("last_changed_at")), "last_fetched_at__gte"),
        "unseen": (Q(), "last_fetched_at__lt"),
    }.get(event, (Q(), "last_fetched_at__gte"))
    if since is None:
        return ever
    return Q(**{time_lookup: since}) if event == "new" else ever & Q(**{time_lookup: since})


class HostFilter(Filter):
    """Above the list of hosts."""

    SHOWN = (
        ANY,
        ("trouble", "any trouble"),
        ("breaker", "breaker open or probing"),
        ("slowed", "slowed down"),
        ("robots", "robots.txt unreachable"),
        ("failing", "failing"),
        ("leased", "leased by a session"),
        ("queued", "with work queued"),
    )

    text = forms.CharField(
        label="In address", required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )
    shown = forms.ChoiceField(label="State or trouble", required=False, choices=SHOWN)
    run = forms.IntegerField(
        label="Of run",
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        widget=forms.TextInput({"inputmode": "numeric", "size": 8}),
    )

    def search(self, now: datetime) -> Q | None:
        """What the filters ask for, except the run; None when they ask for nothing."""
        values = self.values()
        condition = _host_is(values.get("shown", ""), now)
        if "text" in values:
            condition &= Q(origin__icontains=values["text"].rstrip("/"))
        return condition or None


def _host_is(shown: str, now: datetime) -> Q:
    unreachable = Q(robots_status=None) | Q(robots_status__lt=200) | Q(robots_status__gte=500)
    troubles = {
        "breaker": Q(open_until__gt=now) | Q(failures__gte=BREAKER_THRESHOLD),
        "slowed": Q(slowdown__gt=1),
        "robots": Q(robots_fetched_at__isnull=False) & unreachable,
        "failing": Q(failures__gt=0),
    }
    return {
        "trouble": troubles["breaker"] | troubles["slowed"] | troubles["robots"] | troubles["failing"],
        "leased": Q(lease_until__gt=now) & ~Q(lease_owner=""),
        "queued": Q(due_at__isnull=False),
        **troubles,
    }.get(shown, Q())


class RecordFilter(Filter):
    """Above the table of records."""

    NO_SEED = "choose a seed"

    seed = seed_field()
    collection = forms.ChoiceField(label="Collection", required=False)

    def offer(self, names: Sequence[str], chosen: str) -> None:
        """The collections among which one is chosen."""
        self.fields["collection"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        self.data = {**dict(self.data.items()), "collection": chosen}


class RecrawlForm(forms.Form):
    """Names pages to be fetched again."""

    urls = forms.CharField(
        label="Addresses, one a line",
        widget=forms.Textarea({"rows": 10, "spellcheck": "false"}),
        error_messages={"required": "Write at least one address, such as https://example.org/page."},
    )
    seed = forms.ModelChoiceField(
        Seed.objects.alive(),
        label="Seed",
        required=False,
        empty_label="every seed that has them, or else covers them",
    )

    def clean_urls(self) -> list[str]:
        """The lines that say something, each once."""
        urls = list(dict.fromkeys(self.cleaned_data["urls"].split()))
        if len(urls) > MAX_URLS:
            raise forms.ValidationError(
                f"{len(urls):,} are too many: {MAX_URLS:,} can be fetched again at a time."
            )
        return urls


class ExportForm(forms.ModelForm):  # type: ignore[type-arg]
    """Asks for a file made in the background."""

    seed = forms.ModelChoiceField(Seed.objects.alive(), required=False, empty_label="all seeds")
    kind = forms.ChoiceField(label="What", choices=Export.Kind.choices)
    format = forms.ChoiceField(label="Format", choices=[(each.name, each.label) for each in FORMATS.values()])

    class Meta:
        model = Export
        fields = ("kind", "format", "seed", "every_outcome")
        labels = {"every_outcome": "Also visits that failed, were skipped or redirected"}
