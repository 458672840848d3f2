"""Explain an address: a box, the verdict, what led to it, and what would have to change."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Seed
from crawler.rules.urls import MAX_LENGTH
from djsite.browse.forms import Filter, seed_field
from djsite.browse.roles import may_look
from djsite.desk.explain.explaining import explain


class ExplainForm(Filter):
    """Which address, and for which seed."""

    url = forms.CharField(
        label="Address",
        required=False,
        max_length=MAX_LENGTH + 1,  # that one is too long is a sentence of its own
        widget=forms.TextInput(
            {"type": "search", "placeholder": "www.example.org/page", "spellcheck": "false"}
        ),
    )
    seed = seed_field()


@require_safe
@may_look
def explain_address(request: HttpRequest) -> HttpResponse:
    """The explanation of one address; without one, the box."""
    form = ExplainForm(request.GET)
    values = form.values()
    url = values.get("url", request.GET.get("url", ""))
    seed = Seed.objects.alive().filter(pk=values.get("seed", 0)).first()
    explanation = explain(url, seed) if url.strip() else None
    return render(request, "browse/explain.html", {"form": form, "explanation": explanation})
