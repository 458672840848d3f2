"""What people do with an outlet: send, test, pause, delete; and the file of a shipment."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.formats import media_type
from catalog.models import Outlet
from djsite.browse.downloads import few_at_a_time
from djsite.browse.roles import may_change_seeds, may_download
from djsite.browse.views.trying.trials import NOBODY, is_late
from djsite.desk.access import receivers
from djsite.desk.outlets import places, reading, saving, sending
from djsite.desk.outlets.sending import NotPossible
from djsite.desk.sending.files import send_file

Send = Callable[[Outlet, datetime, User], object]


@require_POST
@may_change_seeds
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Have sent what there is; its page shows what comes of it."""
    return _send(request, pk, sending.send_now)


@require_POST
@may_change_seeds
def send_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Have everything sent once more."""
    return _send(request, pk, sending.send_all)


def _send(request: HttpRequest, pk: int, how: Send) -> HttpResponse:
    assert isinstance(request.user, User), "every role has a login"
    try:
        how(get_object_or_404(reading.list_outlets(), pk=pk), timezone.now(), request.user)
    except NotPossible as error:
        messages.error(request, str(error))
    return redirect("outlet", pk)


@require_POST
@may_change_seeds
def anyway(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a shipment sent although a broken promise holds it."""
    assert isinstance(request.user, User), "every role has a login"
    shipment = get_object_or_404(reading.all_shipments(), pk=pk)
    try:
        sending.send_although_held(shipment, timezone.now(), request.user)
    except NotPossible as error:
        messages.error(request, str(error))
    return redirect("outlet", shipment.outlet_id)


@require_POST
@may_change_seeds
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the place tested; the answer has a page of its own."""
    key = sending.test(get_object_or_404(reading.list_outlets(), pk=pk))
    if key is None:
        messages.error(request, NOBODY)
        return redirect("outlet", pk)
    return redirect(f"{reverse('outlet-tested', args=[pk, key])}?{urlencode({'since': int(time.time())})}")


@require_safe
@may_change_seeds
def tested(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """What came of a test; the page waits for it."""
    row = get_object_or_404(reading.list_outlets(), pk=pk)
    context: dict[str, Any] = {"outlet": row, "late": is_late(request), "kind": places.place_label(row.place)}
    try:
        context["tested"] = sending.tested(row, key)
    except LookupError as error:
        raise Http404(str(error)) from error
    return render(request, "browse/outlet_tested.html", context)


@require_POST
@may_change_seeds
def switch(request: HttpRequest, pk: int, enabled: bool) -> HttpResponse:
    """Pause it, or let it go on."""
    saving.switch(get_object_or_404(reading.list_outlets(), pk=pk), enabled, timezone.now(), request.user)
    return redirect("outlet", pk)


@require_POST
@may_change_seeds
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an outlet and its log."""
    row = get_object_or_404(reading.list_outlets(), pk=pk)
    if not receivers.may_change(request.user, row):
        raise PermissionDenied("Only staff change what may be sent into private networks.")
    saving.remove(row, request.user)
    messages.success(request, f"{row.name} is deleted.")
    return redirect("outlets")


@require_safe
@may_download
@few_at_a_time
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of a shipment, as long as it is kept."""
    shipment = get_object_or_404(reading.all_shipments().exclude(key="").exclude(name=""), pk=pk)
    try:
        content = sending.open_file(shipment)
    except OSError as error:
        raise Http404(f"{shipment.key} is not in the archive") from error
    sent_as = media_type(shipment.outlet.format, shipment.outlet.compression)
    return send_file(request, content, content.size, name=shipment.name, media_type=sent_as)
