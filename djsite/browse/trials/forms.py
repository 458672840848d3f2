"""Forms of trying: which page, by which rules; and the seed that is made of what was tried."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from catalog.models import Seed
from crawler.seeds import checks, lines
from crawler.seeds.collection_text import written
from djsite.browse.boxes.collections_field import CollectionsField
from djsite.desk.audit import AnyUser
from djsite.desk.seeds import may_open_networks
from djsite.desk.trials import site as trials
from djsite.desk.trials.here import stored_version, version

NOW, STORED = "now", "stored"


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
    take = forms.ChoiceField(label="Which page", required=False, initial=NOW)
    networks = forms.CharField(
        label="Networks that may be reached",
        required=False,
        help_text="Private and local addresses are refused without it; for example <code>127.0.0.0/8</code>. "
        "A seed has its own.",
    )

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        chosen = str(self.data.get("take") or self.initial.get("take", ""))
        cast(forms.ChoiceField, self.fields["take"]).choices = _pages_to_take(chosen)
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
            values["url"] = checks.reachable(checks.with_scheme(values["url"]), networks)
        except ValueError as error:
            self.add_error("url", str(error))
            return values
        if refusal := trials.refusal(values["url"], seed, self._user):
            self.add_error("url", refusal)
        elif values.get("take", NOW) not in ("", NOW):
            self._take_version(values["take"], values["url"], seed)
        return values

    def _take_version(self, take: str, url: str, seed: Seed | None) -> None:
        """Find the stored version that is meant; it must be of this address."""
        chosen = stored_version(url, seed) if take == STORED else version(int(take))
        if chosen is None or (take != STORED and chosen.final_url != url):
            self.add_error("take", "No such version of this address is stored.")
        self.cleaned_data["version"] = chosen


def _pages_to_take(chosen: str) -> list[tuple[str, str]]:
    """The page as it is, as it was stored last, and the version that somebody comes from."""
    choices = [(NOW, "the page as it is now"), (STORED, "as it was stored last; nobody is asked")]
    if chosen.isdecimal() and len(chosen) < 19 and (stored := version(int(chosen))):
        choices.append((chosen, f"the version of {stored.fetched_at:%Y-%m-%d %H:%M:%S} UTC; nobody is asked"))
    return choices


def shown_again(tried: trials.Tried) -> dict[str, Any]:
    """What a form shows of a try that was made."""
    return {
        "url": tried.trial.url,
        "seed": tried.seed,
        "collections": written(tried.collections),
        "networks": ", ".join(tried.networks),
        "take": str(tried.version or NOW),
    }
