"""The button Try of the seed form: its first address is tried by what the form says."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from crawler.seeds import lines
from djsite.browse.seeding import drafts
from djsite.browse.seeding.forms import SiteSeedForm
from djsite.browse.trials.forms import TryForm
from djsite.browse.views.trying import trials as trying
from djsite.desk.forecasts import asking as forecasts


def try_address(request: HttpRequest, form: SiteSeedForm) -> HttpResponse | None:
    """Lead to the answer of a try; None, with messages, where it cannot be asked for."""
    wanted = TryForm(_asked(form), user=request.user)
    if not wanted.is_valid():
        for sentence in dict.fromkeys(text for texts in wanted.errors.values() for text in texts):
            messages.error(request, str(sentence))
        return None
    key = trying.ask(wanted)
    if key is None:
        messages.error(request, trying.NOBODY)
        return None
    drafts.keep(request, key, form.instance.pk)
    return redirect(trying.address_of(key))


def forecast_seed(request: HttpRequest, form: SiteSeedForm) -> HttpResponse:
    """Have a forecast made by what a valid form says; nothing is saved."""
    row = forecasts.ask_for_seed(form.instance, request.user, timezone.now())
    drafts.keep(request, drafts.of_forecast(row.pk), form.instance.pk)
    return redirect("forecast", row.pk)


def _asked(form: SiteSeedForm) -> dict[str, object]:
    """What the form of a try is sent: the first address, by the rules that are written, where it may go."""
    addresses = lines(_said(form, "start_urls") or form.instance.start_urls)
    return {
        "url": addresses[0] if addresses else "",
        "seed": form.instance.pk,
        "collections": _said(form, "collections") or _said(form, "rules"),
        "networks": ", ".join(lines(_said(form, "allow_networks"))),
    }


def _said(form: SiteSeedForm, name: str) -> str:
    return str(form[name].value() or "").strip() if name in form.fields else ""
