"""Alerts: the list, the form that makes and changes one, and what one has told."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Alert
from djsite.browse.alerts.forms import SEED, VIEW, AlertForm
from djsite.browse.roles import may_have_alerts, may_look
from djsite.desk.alerts import choices, reading, saving
from djsite.desk.alerts.words import condition_words, rhythm_words
from djsite.desk.read.keyset import cut

LOG = 30
CHOOSE, CHANNEL, TRY = "choose", "channel", "try"  # buttons of the form, beside the one that saves


@require_safe
@may_look
def alert_list(request: HttpRequest) -> HttpResponse:
    """All alerts: what each tells of and where to."""
    part = cut(reading.list_alerts(), request.GET.get("after", ""))
    rows = [(alert, condition_words(alert), rhythm_words(alert)) for alert in part.rows]
    channels = any(alert.channels.all() for alert in part.rows) or reading.has_channels()
    context = {"slice": part, "rows": rows, "channels": channels}
    return render(request, "browse/alert_list.html", context)


@require_safe
@may_look
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert, and what it has told, newest first."""
    alert = _alert(pk)
    part = cut(reading.notices_of(alert), request.GET.get("after", ""), size=LOG)
    context = {
        "alert": alert,
        "condition": condition_words(alert),
        "rhythm": rhythm_words(alert),
        "slice": part,
        "log": [reading.log_line(notice) for notice in part.rows],
        "waits": choices.may_wait(alert),
        "changeable": saving.may_change(request.user, alert),
    }
    return render(request, "browse/alert.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_have_alerts
def new(request: HttpRequest) -> HttpResponse:
    """Make an alert; the address may say what of."""
    return _form(request, Alert(owner=request.user), _asked(request))  # type: ignore[misc]


@require_http_methods(["GET", "HEAD", "POST"])
@may_have_alerts
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an alert."""
    alert = _alert(pk)
    saving.check(request.user, alert)
    return _form(request, alert, {"place": _place_of(alert)})


@require_POST
@may_have_alerts
def switch(request: HttpRequest, pk: int, enabled: bool) -> HttpResponse:
    """Switch an alert on or off."""
    saving.switch(_alert(pk), enabled, request.user)
    return redirect("alert", pk)


@require_POST
@may_have_alerts
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an alert."""
    alert = _alert(pk)
    saving.delete(alert, request.user)
    messages.success(request, f"The alert {alert.name} is deleted.")
    return redirect("alerts")


def _form(request: HttpRequest, alert: Alert, initial: dict[str, Any]) -> HttpResponse:
    """The form, with the boxes of what was chosen; tried or saved if that was asked."""
    step = request.POST.get("step", "")
    if step == CHANNEL:
        return redirect(f"{reverse('channels')}?{urlencode({'alert': _begun(request)})}")
    if request.method != "POST" or step == CHOOSE:
        form = AlertForm(instance=alert, initial=initial | _boxes(request.POST), user=request.user)
        return _show(request, form)
    form = AlertForm(request.POST, instance=alert, user=request.user)
    if not form.is_valid():
        return _show(request, form)
    if step == TRY:
        return _show(request, form, trial=reading.try_on_past(form.instance, timezone.now()))
    saving.save(form.instance, form.cleaned_data["channels"], request.user)
    return _saved(request, form)


def _show(request: HttpRequest, form: AlertForm, **context: Any) -> HttpResponse:
    return render(request, "browse/alert_form.html", {"form": form, "alert": form.instance, **context})


def _saved(request: HttpRequest, form: AlertForm) -> HttpResponse:
    if not form.cleaned_data["channels"]:
        messages.warning(request, "It is saved. It tells nobody until you choose where to.")
    else:
        messages.success(request, "It is saved, and tells you of what happens from now on.")
    return redirect("alert", form.instance.pk)


def _boxes(sent: QueryDict) -> dict[str, Any]:
    """What was written so far, when other boxes are asked for."""
    boxes: dict[str, Any] = {name: sent[name] for name in sent}
    return boxes | ({"channels": sent.getlist("channels")} if boxes else {})


def _begun(request: HttpRequest) -> str:
    """The query by which the form begins with what was written so far, when a channel is made first."""
    sent = request.POST.copy()
    for name in ("csrfmiddlewaretoken", "step"):
        sent.pop(name, None)
    return sent.urlencode()


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What the form begins with: links of a seed, a collection, a record, a list or a channel say it."""
    query = request.GET
    asked = {"in_percent": True} | _boxes(query)
    for kind in (SEED, VIEW):
        if key := query.get(kind, ""):
            asked["place"] = f"{kind}-{key}"
    return asked


def _place_of(alert: Alert) -> str:
    if alert.view_id is not None:
        return f"{VIEW}-{alert.view_id}"
    return f"{SEED}-{alert.seed_id}" if alert.seed_id is not None else ""


def _alert(pk: int) -> Alert:
    return get_object_or_404(reading.list_alerts(), pk=pk)
