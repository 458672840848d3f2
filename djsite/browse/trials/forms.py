"""Forms of trying: which page, by which rules; and the seed that is made of what was tried."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.models import Seed
from crawler.collections import PAGES, Collection
from crawler.seeds import checks, lines
from crawler.seeds.collection_text import written
from crawler.seeds.field_lines import line_of_field
from djsite.browse.trials.collections_field import CollectionsField
from djsite.desk.audit import AnyUser
from djsite.desk.seeds import may_open_networks
from djsite.desk.trials import pointing
from djsite.desk.trials import site as trials

NAME_LENGTH = 200


class TryForm(forms.Form):
    """Names a page to be tried."""

    url = forms.CharField(
        label="Address",
        max_length=2000,
        widget=forms.TextInput({"placeholder": "https://example.org/", "spellcheck": "false"}),
        error_messages={"required": "Write the address of a page, such as https://example.org/."},
    )
    seed = forms.ModelChoiceField(
        Seed.objects.alive(), label="By the rules of", required=False, empty_label="no seed"
    )
    collections = CollectionsField()
    networks = forms.CharField(
        label="Networks that may be reached",
        required=False,
        help_text="Private and local addresses are refused without it; for example <code>127.0.0.0/8</code>. "
        "A seed has its own.",
    )

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        if not may_open_networks(user):
            del self.fields["networks"]

    def clean_networks(self) -> list[str]:
        try:
            return [checks.network(line) for line in lines(self.cleaned_data["networks"].replace(",", "\n"))]
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Check the address against the networks that may be reached, by hand or by the seed."""
        values = self.cleaned_data
        seed: Seed | None = values.get("seed")
        if "url" not in values or ("networks" in self.errors):
            return values
        networks = lines(seed.allow_networks) if seed else values.get("networks", [])
        try:
            values["url"] = checks.reachable(values["url"], networks)
        except ValueError as error:
            self.add_error("url", str(error))
            return values
        if refusal := trials.refusal(values["url"], seed, self._user):
            self.add_error("url", refusal)
        return values


def shown_again(tried: trials.Tried) -> dict[str, Any]:
    """What a form shows of a try that was made."""
    return {
        "url": tried.trial.url,
        "seed": tried.seed,
        "collections": written(tried.collections),
        "networks": ", ".join(tried.networks),
    }


def seed_of_trial(key: str, offer: str) -> dict[str, Any]:
    """What the seed form begins with: the page that was tried, and the offer of that number; else nothing."""
    try:
        here = pointing.answer(key) if key else None
        tried = trials.answer(here.tried if here else key) if key else None
    except LookupError:
        tried = here = None
    if tried is None:
        return {}
    trial = tried.trial
    begun = {
        "name": (trial.title or trial.final_url)[:NAME_LENGTH],
        "start_urls": trial.final_url,
        "allow_networks": "\n".join(tried.networks),
        "every": 1,
        "unit": "days",
    }
    collections = tried.collections
    if here and here.collection and here.collection.fields:
        collections = [here.collection]
    if offer.isdecimal() and len(offer) < 4 and int(offer) < len(trial.offered):
        collections = [Collection.of(trial.offered[int(offer)].collection)]
    fields = [field for each in collections if each.name == PAGES for field in each.fields]
    others = [each for each in collections if each.name != PAGES]
    return begun | {"rules": "\n".join(map(line_of_field, fields)), "collections": written(others)}


def with_taken(collections: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """A seed's collections, and the one that somebody pointed out: in place of one of the same name."""
    try:
        here = pointing.answer(key) if key else None
    except LookupError:
        here = None
    if here is None or here.collection is None or not here.collection.fields:
        return collections
    name = here.collection.name
    return [*(each for each in collections if each["name"] != name), here.collection.plain()]
