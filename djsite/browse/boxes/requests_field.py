"""The box for requests with a body: JSON, with a sentence for each mistake. Its value: their plain forms."""

from __future__ import annotations

from typing import Any

from django import forms

from crawler.seeds.request_text import read_requests

EXAMPLE = '{"url": "https://shop.example/api/search", "json": {"text": "lamp"}}'
BOX = {"rows": 2, "class": "code", "spellcheck": "false", "placeholder": EXAMPLE}


class RequestsField(forms.CharField):
    """Requests as text, an object each; empty without any."""

    def __init__(self) -> None:
        super().__init__(
            label="Requests with a body",
            required=False,
            widget=forms.Textarea(
                {"rows": 2, "class": "code", "spellcheck": "false", "placeholder": EXAMPLE}
            ),
            help_text="For answers that need more than an address, such as a search of an API: a JSON object "
            "each, with <code>url</code> and one of <code>json</code>, <code>form</code>, <code>query</code> "
            "(GraphQL) and <code>body</code>. Sent in every run, beside the start URLs.",
        )

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """The requests that a text says; a sentence for each mistake."""
        try:
            return read_requests(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other requests are said than before, however they are written."""
        try:
            return self.clean(initial) != self.clean(data)
        except forms.ValidationError:
            return True
