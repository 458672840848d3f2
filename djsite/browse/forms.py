"""The filters above the site's lists. A value that makes no sense is ignored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q

from catalog.formats import COMPRESSIONS, DEFAULT_FORMAT, FORMATS
from catalog.kinds import DEFAULT_KIND, problem_with
from catalog.models import Export, Run, Seed
from crawler.rules.breaker import BREAKER_THRESHOLD
from djsite.browse.boxes.moment_field import MomentField
from djsite.desk.pages.listing import ORDERS, PageList
from djsite.desk.promises.holds import holds_on
from djsite.desk.read.seeds import tags_in_use
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
    origin = forms.ChoiceField(required=False, choices=Seed.Origin.choices, widget=forms.HiddenInput)
    tag = forms.ChoiceField(label="Tag", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag"].choices = [ANY, *((tag, tag) for tag in tags_in_use())]  # type: ignore[attr-defined]
        self.full_clean()


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
        ("gone", "gone from the site"),
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

    def asked(self) -> PageList:
        """The list that it asks for."""
        values = self.values()
        return PageList(
            seed=values.get("seed"),
            text=values.get("text", ""),
            happened=values.get("happened", ""),
            hours=values.get("since"),
            order=values.get("sort", ORDERS[0]),
        )


class HostFilter(Filter):
    """Above the list of hosts."""

    SHOWN = (
        ANY,
        ("trouble", "any trouble"),
        ("breaker", "left alone after failures"),
        ("slowed", "slowed down"),
        ("robots", "robots.txt unreachable"),
        ("failing", "failing"),
        ("leased", "being asked now"),
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


class MomentFilter(Filter):
    """On what may be looked at as it was at a moment."""

    as_of = MomentField()


class RecordFilter(Filter):
    """Above the table of records."""

    NO_SEED = "choose a seed"

    seed = seed_field()
    collection = forms.ChoiceField(label="Collection", required=False)
    as_of = MomentField()

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


def _formats() -> list[tuple[str, list[tuple[str, str]]]]:
    """Those of rows, then those of raw answers."""
    groups: dict[bool, list[tuple[str, str]]] = {False: [], True: []}
    for form in FORMATS.values():
        groups[form.of_raw].append((form.name, form.label))
    return [("Rows", groups[False]), ("Raw answers", groups[True])]


class ExportForm(forms.ModelForm):  # type: ignore[type-arg]
    """Asks for a file made in the background."""

    seed = forms.ModelChoiceField(Seed.objects.alive(), required=False, empty_label="all seeds")
    kind = forms.ChoiceField(label="What", choices=Export.Kind.choices)
    format = forms.ChoiceField(label="Format", choices=_formats, initial="xlsx")
    compression = forms.ChoiceField(
        label="Compressed",
        required=False,
        choices=[("", "no"), *((each.name, each.label) for each in COMPRESSIONS.values())],
    )
    as_of = MomentField()

    held = forms.BooleanField(label="Although it is held", required=False)  # only if something is

    class Meta:
        model = Export
        fields = ("kind", "format", "compression", "seed", "as_of", "every_outcome")
        labels = {"every_outcome": "Also addresses that failed, were skipped or redirected"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not holds_on(None, None):
            del self.fields["held"]

    def clean(self) -> dict[str, Any]:
        """Visits that stored nothing have no order of time; what a broken promise holds is held."""
        values = super().clean() or self.cleaned_data
        kind, form = values.get("kind") or DEFAULT_KIND, values.get("format") or DEFAULT_FORMAT
        asked = {"as_of": bool(values.get("as_of")), "every_outcome": values.get("every_outcome", False)}
        if problem := problem_with(kind, form, values.get("compression", ""), **asked):
            self.add_error(problem.part, problem.sentence)
        holds = [] if values.get("as_of") else holds_on(values.get("seed"), None)
        if holds and not values.get("held"):
            sentences = " ".join(hold.sentence for hold in holds)
            raise forms.ValidationError(f"{sentences} To have the file made, tick “Although it is held”.")
        return values
