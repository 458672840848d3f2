"""Alerts: what somebody is told of; making, switching and deleting them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field

from catalog.models import Alert
from djsite.api.callers import may_have_alerts, may_look, user_of
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.problems import FieldProblem, field_refused, refused
from djsite.api.rows import named_channels, optional_seed, row_of
from djsite.api.shapes import RowShape
from djsite.desk.alerts import choices, saving
from djsite.desk.alerts.reading import list_alerts, try_on_past
from djsite.desk.alerts.words import condition_words, rhythm_words
from djsite.desk.audit import AnyUser

router = Router()
Condition = Literal[
    "record_new", "record_gone", "changed", "up", "down", "above", "below", "matches", "page_changed",
    "text_appears", "text_vanishes", "run_failed", "slot_missed", "coverage_fell", "host_blocked",
    "login_expired", "anything",
]  # fmt: skip
Rhythm = Literal["at_once", "hourly"]


class AlertShape(RowShape):
    """An alert."""

    id: int
    name: str
    words: str = Field(description="When it tells.")
    enabled: bool
    condition: str
    seed: int | None
    view: int | None
    collection: str
    field: str
    least: float | None
    in_percent: bool
    limit: float | None
    text: str
    rhythm: str
    channels: list[int]
    channel_names: list[str]
    rhythm_words: str = Field(description="When it tells, in words.")
    owner: str | None
    last_met_at: datetime | None

    @staticmethod
    def of(alert: Alert) -> AlertShape:
        """An alert, which has its seed, view, owner and channels."""
        return AlertShape.of_row(
            alert,
            words=condition_words(alert),
            seed=alert.seed_id,
            view=alert.view_id,
            channels=[channel.pk for channel in alert.channels.all()],
            channel_names=[channel.name for channel in alert.channels.all()],
            rhythm_words=rhythm_words(alert),
            owner=alert.owner.get_username() if alert.owner else None,
        )


class AlertList(Listed):
    """Alerts, newest first."""

    items: list[AlertShape]


class Wanted(Schema, extra="forbid"):
    """An alert to be made. Those told together at a time of day are made in the site."""

    condition: Condition
    seed: Id | None = Field(None, description="Without it, all seeds.")
    collection: str = Field("", max_length=100)
    field: str = Field("", max_length=200, description="Without it, any field.")
    least: float | None = Field(None, ge=0)
    in_percent: bool = False
    limit: float | None = None
    text: str = Field("", max_length=500)
    second_look: bool = True
    rhythm: Rhythm = "at_once"
    name: str = Field("", max_length=200)
    channels: list[Id] = Field([], max_length=20, description="Whom it tells; without one, nobody.")


class Change(Wanted):
    """What of an alert is to be otherwise; what the body does not have stays."""

    condition: Condition = "changed"


@router.get("", response=AlertList, auth=may_look, operation_id="list_alerts")
def list_of(request: HttpRequest, part: Parts) -> AlertList:
    """All alerts, newest first."""
    found = cut_part(list_alerts(), part)
    return AlertList(items=[AlertShape.of(row) for row in found.rows], next_cursor=next_cursor(found))


@router.get("/{int:pk}", response=AlertShape, auth=may_look, operation_id="get_alert")
def one(request: HttpRequest, pk: Id) -> AlertShape:
    """One alert."""
    return AlertShape.of(row_of(list_alerts(), pk))


class Example(Schema):
    """Something that would have been told."""

    at: datetime
    what: str


class PastTrial(Schema):
    """What an alert would have told in the last days."""

    alert: int
    told: str
    whole: bool = Field(description="Whether all of these days were looked at.")
    examples: list[Example]


@router.get("/{int:pk}/trial", response=PastTrial, auth=may_look, operation_id="try_alert")
def trial(request: HttpRequest, pk: Id) -> PastTrial:
    """What an alert would have told, had it been there."""
    past = try_on_past(row_of(list_alerts(), pk), timezone.now())
    examples = [Example(at=line.event.at, what=line.sentence) for line in past.examples]
    return PastTrial(alert=pk, told=past.sentence, whole=past.whole, examples=examples)


@router.post("", response={201: AlertShape}, auth=may_have_alerts, operation_id="make_alert")
def make(request: HttpRequest, wanted: Wanted) -> Status[AlertShape]:
    """Make an alert in the name of the token's owner."""
    user = user_of(request)
    values: dict[str, Any] = wanted.dict(exclude={"seed", "channels"})
    alert = Alert(owner=user, seed=optional_seed(wanted.seed), **values)
    _check(alert, wanted, user)
    saving.save(alert, named_channels(wanted.channels), user)
    return Status(201, AlertShape.of(row_of(list_alerts(), alert.pk)))


@router.patch("/{int:pk}", response=AlertShape, auth=may_have_alerts, operation_id="change_alert")
def change(request: HttpRequest, pk: Id, wanted: Change) -> AlertShape:
    """Change what the body has. With another condition, what does not go with it is emptied.

    An alert of a kept list stays one unless the body has a seed; times of day stay unless it has a rhythm.
    """
    user, alert = user_of(request), row_of(list_alerts(), pk)
    saving.check(user, alert)
    said = wanted.model_fields_set
    if alert.name == condition_words(alert):
        alert.name = ""  # nobody gave it one
    _write(alert, wanted, said)
    _check(alert, wanted, user)
    channels = named_channels(wanted.channels) if "channels" in said else list(alert.channels.all())
    saving.save(alert, channels, user)
    return AlertShape.of(row_of(list_alerts(), pk))


@router.post("/{int:pk}/enable", response=AlertShape, auth=may_have_alerts, operation_id="enable_alert")
def enable(request: HttpRequest, pk: Id) -> AlertShape:
    """Switch an alert on; what happened while it was off is not told later."""
    return _switch(request, pk, True)


@router.post("/{int:pk}/pause", response=AlertShape, auth=may_have_alerts, operation_id="pause_alert")
def pause(request: HttpRequest, pk: Id) -> AlertShape:
    """Switch an alert off."""
    return _switch(request, pk, False)


@router.delete("/{int:pk}", response={204: None}, auth=may_have_alerts, operation_id="delete_alert")
def delete(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete an alert, and what it has not told yet."""
    saving.delete(row_of(list_alerts(), pk), user_of(request))
    return HttpResponse(status=204)


def _write(alert: Alert, wanted: Change, said: set[str]) -> None:
    """Put what was said into an alert, and the rest of its boxes as they begin where they do not fit."""
    for name in said - {"seed", "channels"}:
        setattr(alert, name, getattr(wanted, name))
    if "seed" in said:
        alert.seed, alert.view = optional_seed(wanted.seed), None
    if "rhythm" in said:
        alert.rhythm_time = alert.rhythm_weekday = None
    usual = Alert()
    for name in _BOXES - choices.boxes_of(alert) - said:
        setattr(alert, name, getattr(usual, name))


def _switch(request: HttpRequest, pk: int, enabled: bool) -> AlertShape:
    saving.switch(row_of(list_alerts(), pk), enabled, user_of(request))
    return AlertShape.of(row_of(list_alerts(), pk))


def _check(alert: Alert, wanted: Wanted, user: AnyUser) -> None:
    """Raise Problem for what does not go together: the boxes that the form of the site does not show."""
    offered = {name for _, members in choices.conditions(alert, user) for name, _ in members}
    if alert.condition not in offered:
        raise field_refused("condition", f"condition “{alert.condition}” is for those who may change seeds.")
    asked_for = choices.boxes_of(alert)
    strange = [name for name in sorted(_BOXES - asked_for) if name in wanted.model_fields_set]
    if strange:
        raise refused(FieldProblem(name, f"{name} does not go with “{alert.condition}”.") for name in strange)
    for name, words in (("limit", "a number"), ("text", "a text")):
        if name in asked_for and getattr(alert, name) in (None, ""):
            raise field_refused(name, f"{name} is missing: “{alert.condition}” needs {words}.")
    if "limit" in asked_for and not alert.field:
        raise field_refused("field", "field is missing: the limit is of one.")


_BOXES = {"collection", "field", "least", "in_percent", "limit", "text", "second_look"}
