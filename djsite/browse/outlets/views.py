"""Outlets: the list, the form, and the page of one with its log."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from catalog.models import Export, Outlet, Shipment
from djsite.browse.outlets.forms import OutletForm, TimesForm
from djsite.browse.roles import may_change_seeds, may_look
from djsite.desk.access import receivers
from djsite.desk.outlets import lists, places, reading, saving, words
from djsite.desk.read.keyset import cut
from djsite.desk.seeds import may_open_networks
from djsite.desk.words import StateWords

SIZE = 25  # of the log


@require_safe
@may_look
def outlet_list(request: HttpRequest) -> HttpResponse:
    """All outlets: what each sends, where to and when, and how it fares."""
    now = timezone.now()
    rows = [
        {
            "outlet": outlet,
            "what": words.what_words(outlet),
            "form": words.form_words(outlet),
            "kind": places.place_label(outlet.place),
            "target": places.target(outlet),
            "when": words.when_words(outlet),
            "state": words.state_of(outlet),
            "next": next(iter(words.next_times(outlet, now, 1)), None),
        }
        for outlet in reading.list_outlets()
    ]
    return render(request, "browse/outlet_list.html", {"rows": rows})


@require_safe
@may_change_seeds
def choose_place(request: HttpRequest) -> HttpResponse:
    """The kinds of places; the address may say what is to be sent."""
    context = {"places": places.place_choices(), "what": _chosen_words(request)}
    return render(request, "browse/outlet_places.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def new(request: HttpRequest, place: str) -> HttpResponse:
    """A form for an outlet to a kind of place."""
    if place not in {choice.name for choice in places.place_choices()}:
        raise Http404
    return _form(request, Outlet(place=place, after_runs=False), {"what": _chosen(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an outlet, without its secrets."""
    outlet = get_object_or_404(reading.list_outlets(), pk=pk)
    if not receivers.may_change(request.user, outlet):
        raise PermissionDenied("Only staff change what may be sent into private networks.")
    return _form(request, outlet, {})


@require_safe
@may_change_seeds
def due(request: HttpRequest) -> HttpResponse:
    """The next times of what is being written."""
    return render(request, "browse/parts/outlet_due.html", _due(TimesForm(request.GET)))


def _chosen(request: HttpRequest) -> str:
    """What the address says is to be sent: a list of data (``list``), or a seed."""
    if query := request.GET.get("list", ""):
        return lists.text_of_list(query, timezone.now())
    return request.GET.get("seed", "")


def _chosen_words(request: HttpRequest) -> str:
    try:
        return lists.words_of(lists.wanted_of(_chosen(request)), timezone.now())
    except ValueError:
        return ""


def _form(request: HttpRequest, outlet: Outlet, initial: dict[str, Any]) -> HttpResponse:
    networks = may_open_networks(request.user)
    form = OutletForm(request.POST or None, instance=outlet, networks=networks, initial=initial)
    if request.method == "POST" and form.is_valid():
        saving.save(outlet, form.secrets(), timezone.now(), request.user)
        messages.success(request, "Saved. Test the place, or send now, to see whether it arrives.")
        return redirect("outlet", outlet.pk)
    written = {name: form[name].value() for name in TimesForm.base_fields}
    context = {"form": form, "outlet": outlet, "place": form.place, **_due(TimesForm(written))}
    return render(request, "browse/outlet_form.html", context)


def _due(form: TimesForm) -> dict[str, Any]:
    """The next times by what the boxes say, or sentences that say why there are none."""
    valid = form.is_valid()
    boxes = form.cleaned_data
    outlet = Outlet(cron=boxes.get("cron", ""), time_zone=boxes.get("time_zone", "UTC"))
    wrong = [str(text) for texts in form.errors.values() for text in texts]
    if valid and (mistake := words.cron_mistake(outlet)):
        wrong = [mistake]
    return {
        "due": [] if wrong else words.next_times(outlet, timezone.now()),
        "zone": outlet.time_zone,
        "wrong": wrong,
        "after_runs": boxes.get("after_runs"),
    }


@require_safe
@may_look
def outlet(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes where and when, and what has gone."""
    row = get_object_or_404(reading.list_outlets(), pk=pk)
    part = cut(reading.shipments_of(row), request.GET.get("after", ""), order="-number", size=SIZE)
    context = {
        "outlet": row,
        "state": words.state_of(row),
        "held": reading.held_shipment(row),
        "busy": reading.is_under_way(row, timezone.now()),
        "again": row.enabled and row.failing_since is not None,
        "what": words.what_words(row),
        "list": _address_of(row),
        "share": words.SHARES[Outlet.Share(row.share)],
        "form": words.form_words(row),
        "kind": places.place_label(row.place),
        "settings": places.settings_shown(row),
        "when": words.when_words(row),
        "due": words.next_times(row, timezone.now()),
        "may_change": receivers.may_change(request.user, row),
        "slice": part,
        "rows": [_log_row(shipment) for shipment in part.rows],
    }
    return render(request, "browse/outlet.html", context)


def _log_row(shipment: Shipment) -> tuple[Shipment, StateWords, str]:
    return shipment, words.shipment_state(shipment), words.cause_words(shipment)


def _address_of(outlet: Outlet) -> str:
    """Where the data that go can be seen."""
    if outlet.kind == Export.Kind.PAGES:
        return f"{reverse('pages')}?seed={outlet.seed_id}"
    query = f"seed={outlet.seed_id}{f'&{outlet.query}' if outlet.query else ''}"
    return f"{reverse('records')}?{query}"
