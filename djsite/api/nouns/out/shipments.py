"""Shipments: sending now, testing a place, what has gone, and its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from django.contrib.auth.models import User
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from ninja import Router
from ninja.responses import Status
from pydantic import StringConstraints

from catalog.models import Outlet, Shipment
from djsite.api.callers import may_change_seeds, may_download, may_look, user_of
from djsite.api.nouns.out.shapes import Asked, ShipmentList, ShipmentShape, Tested
from djsite.api.paging import Id, Parts, cut_part, next_cursor
from djsite.api.problems import Problem
from djsite.api.rows import row_of
from djsite.desk.outlets import reading, sending

router = Router()
AWAY = "No worker can be asked now: Redis does not answer. Try again in a moment."
Key = Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,64}$")]
Send = Callable[[Outlet, datetime, User], Shipment]


@router.post(
    "/{int:pk}/send", response={202: ShipmentShape}, auth=may_change_seeds, operation_id="send_outlet"
)
def send(request: HttpRequest, pk: Id) -> Status[ShipmentShape]:
    """Send now; 409 while it is paused."""
    return _send(request, pk, sending.send_now)


@router.post(
    "/{int:pk}/send-all", response={202: ShipmentShape}, auth=may_change_seeds, operation_id="send_all_again"
)
def send_all(request: HttpRequest, pk: Id) -> Status[ShipmentShape]:
    """Send everything once more, as to a receiver that has lost it."""
    return _send(request, pk, sending.send_all)


@router.post("/{int:pk}/test", response={202: Asked}, auth=may_change_seeds, operation_id="test_outlet")
def test(request: HttpRequest, pk: Id) -> Status[Asked]:
    """See whether data can be written at the place; the answer is at ``url`` in some seconds."""
    key = sending.test(row_of(reading.list_outlets(), pk))
    if key is None:
        raise Problem(503, AWAY, headers={"Retry-After": "5"})
    return Status(202, Asked(key=key, url=reverse("api:get_outlet_test", args=[pk, key])))


@router.get(
    "/{int:pk}/test/{slug:key}",
    response={200: Tested, 202: Tested},
    auth=may_change_seeds,
    operation_id="get_outlet_test",
    url_name="get_outlet_test",
)
def tested(request: HttpRequest, pk: Id, key: Key) -> Status[Tested]:
    """What came of a test; 202 while it is under way."""
    try:
        answer = sending.tested(row_of(reading.list_outlets(), pk), key)
    except LookupError as error:
        raise Problem(404, str(error)) from error
    if answer is None:
        return Status(202, Tested(done=False))
    return Status(200, Tested(done=True, works=answer.works, answer=answer.answer))


@router.get("/{int:pk}/shipments", response=ShipmentList, auth=may_look, operation_id="list_shipments")
def shipments(request: HttpRequest, pk: Id, part: Parts) -> ShipmentList:
    """What has gone and what is to go, newest first."""
    found = cut_part(reading.shipments_of(row_of(reading.list_outlets(), pk)), part)
    return ShipmentList(items=[ShipmentShape.of(row) for row in found.rows], next_cursor=next_cursor(found))


@router.post(
    "/{int:pk}/shipments/{int:number}/anyway",
    response={202: ShipmentShape},
    auth=may_change_seeds,
    operation_id="send_held_shipment",
)
def anyway(request: HttpRequest, pk: Id, number: Id) -> Status[ShipmentShape]:
    """Send a shipment although a broken promise holds it; 409 if it is not held."""
    shipment = _shipment(pk, number)
    try:
        sending.send_although_held(shipment, timezone.now(), user_of(request))
    except sending.NotPossible as error:
        raise Problem(409, str(error)) from error
    shipment.refresh_from_db()
    return Status(202, ShipmentShape.of(shipment))


@router.get(
    "/{int:pk}/shipments/{int:number}/file",
    auth=may_download,
    operation_id="get_shipment_file",
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {}}}}},
)
def file(request: HttpRequest, pk: Id, number: Id) -> HttpResponseBase:
    """The file of a shipment, as long as it is kept; 404 for rows, which have none."""
    shipment = _shipment(pk, number)
    if not shipment.key or not shipment.name:
        raise Problem(404, "It has no file: it is not made yet, or its rows go without one.")
    try:
        content = sending.open_file(shipment)
    except OSError as error:
        raise Problem(404, "The file is not kept any more.") from error
    return FileResponse(
        content, as_attachment=True, filename=shipment.name, content_type="application/octet-stream"
    )


def _send(request: HttpRequest, pk: int, how: Send) -> Status[ShipmentShape]:
    try:
        shipment = how(row_of(reading.list_outlets(), pk), timezone.now(), user_of(request))
    except sending.NotPossible as error:
        raise Problem(409, str(error)) from error
    return Status(202, ShipmentShape.of(shipment))


def _shipment(outlet: int, number: int) -> Shipment:
    rows = reading.all_shipments().filter(outlet=outlet, number=number)
    return row_of(rows, rows.values_list("pk", flat=True).first() or 0)
