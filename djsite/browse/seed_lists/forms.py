"""The two forms of a list of addresses: the list itself, and what is made of it."""

from __future__ import annotations

from typing import Any

from django import forms

from crawler.seeds import checks
from crawler.seeds.address_lists.checked import MAX_BYTES, AddressList, read_addresses
from djsite.desk.seed_files.addresses import Wish

_MEGABYTES = MAX_BYTES // 1_000_000
EVERY = [("", "by hand only"), ("3600", "every hour"), ("86400", "every day"), ("604800", "every week")]
SCOPES = [("page", "only these pages"), ("host", "the whole site of each"), ("prefix", "the folder of each")]


class ListForm(forms.Form):
    """A list, as a file or as a text."""

    file = forms.FileField(
        label="A file",
        required=False,
        help_text=f"Text, CSV, OPML, or the XML of a sitemap; at most {_MEGABYTES} MB.",
    )
    text = forms.CharField(
        label="Or addresses, one a line",
        required=False,
        max_length=MAX_BYTES,
        widget=forms.Textarea({"rows": 10, "spellcheck": "false", "placeholder": "https://example.org/"}),
    )
    column = forms.CharField(
        label="Column",
        required=False,
        max_length=200,
        help_text="Of a table: the heading or the number of its column of addresses. Empty: it is found.",
    )

    def clean(self) -> dict[str, Any]:
        """Read the list; a sentence about what is wrong with it as a whole."""
        values, file = self.cleaned_data, self.cleaned_data.get("file")
        if self.errors:
            return values
        if file is None and not values.get("text", "").strip():
            raise forms.ValidationError("Choose a file, or write addresses below.")
        body = file.read(MAX_BYTES + 1) if file is not None else values["text"].encode()
        try:
            values["listed"] = read_addresses(body, file.name if file else "", values.get("column", ""))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return values

    @property
    def name(self) -> str:
        """What a seed of the list may be called: as its file."""
        file = self.cleaned_data.get("file")
        return str(file.name).rpartition(".")[0] if file is not None else ""


class MakeForm(forms.Form):
    """What is made of the addresses, which the page has kept."""

    addresses = forms.CharField(widget=forms.HiddenInput, max_length=MAX_BYTES)
    each = forms.ChoiceField(
        label="Make",
        choices=[("", "one seed of all"), ("each", "a seed for each address")],
        required=False,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=180,
        help_text="Of one seed of all. Each of many has its address.",
    )
    scope = forms.ChoiceField(label="Crawl", choices=SCOPES, initial="page", widget=forms.RadioSelect)
    every = forms.TypedChoiceField(
        label="It runs", choices=EVERY, required=False, coerce=int, empty_value=None
    )
    tags = forms.CharField(
        label="Tags", required=False, max_length=500, help_text="Words, with spaces between."
    )

    def clean_addresses(self) -> AddressList:
        """The list again: nothing that a browser sends back is trusted."""
        try:
            return read_addresses(self.cleaned_data["addresses"].encode())
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def wish(self) -> Wish:
        """What is to be made."""
        values = self.cleaned_data
        tags = tuple(dict.fromkeys(values["tags"].split()))
        return Wish(checks.name(values["name"]), bool(values["each"]), values["scope"], values["every"], tags)
