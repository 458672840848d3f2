"""Channels: where people are told. Secrets go in and never come out; a test shows whether one works."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field, StringConstraints

from catalog.models import Channel, Message
from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.problems import FieldProblem, Problem, field_refused, refused
from djsite.api.rows import row_of, zone_of
from djsite.api.shapes import RowShape
from djsite.desk import channels
from djsite.desk.access import receivers

router = Router()
Clock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]
Text = Annotated[str, StringConstraints(max_length=4000)]


class ChannelShape(RowShape):
    """A channel without its secrets."""

    id: int
    name: str
    kind: str
    kind_label: str
    enabled: bool
    state: str = Field(description="works, failing, off or not used yet.")
    words: str = Field(description="The state in a sentence.")
    place: str = Field(description="Whose server it leads to, or which mailboxes.")
    waiting: int = Field(description="What it has still to tell.")
    settings: dict[str, str | list[str]] = Field(description="Those that are no secrets.")
    quiet_from: str
    quiet_until: str
    time_zone: str
    last_delivered_at: datetime | None

    @staticmethod
    def of(channel: Channel) -> ChannelShape:
        """A channel, which was counted."""
        state = channels.state_of(channel)
        return ChannelShape.of_row(
            channel,
            kind_label=channels.kind_label(channel.kind),
            state=state.label,
            words=state.sentence,
            place=channel.options.get(channels.PLACE, ""),
            waiting=vars(channel)["waiting"],
            settings=_open_settings(channel),
            quiet_from=_clock(channel.quiet_from),
            quiet_until=_clock(channel.quiet_until),
        )


class ChannelList(Listed):
    """Channels by name."""

    items: list[ChannelShape]


class Changed(Schema, extra="forbid"):
    """Settings of a channel; what is not sent stays."""

    name: str | None = Field(None, min_length=1, max_length=100)
    settings: dict[str, Text | list[Text]] = Field(
        {}, max_length=20, description="As the form of its kind has them, secrets too."
    )
    quiet_from: Clock | None = None
    quiet_until: Clock | None = None
    time_zone: str | None = Field(None, max_length=64)


class Wanted(Changed):
    """A channel to be made."""

    kind: str = Field(max_length=40, description="mail, webhook, slack, teams, discord, ntfy, apprise, …")
    name: str = Field(min_length=1, max_length=100)


class MessageShape(RowShape):
    """A message and how it fares."""

    id: int
    channel: int
    subject: str
    state: str = Field(description="waiting, delivered or given_up.")
    words: str
    attempts: int
    answer: str = Field(description="What the receiver answered to the last attempt.")
    created_at: datetime

    @staticmethod
    def of(message: Message) -> MessageShape:
        """A message with the answer to its last attempt."""
        last = message.deliveries.order_by("-number").first()
        return MessageShape.of_row(
            message,
            channel=message.channel_id,
            words=channels.message_state(message).label,
            answer=f"{last.status or ''} {last.answer}".strip() if last else "",
        )


class MessageList(Listed):
    """Messages, newest first."""

    items: list[MessageShape]


@router.get("", response=ChannelList, auth=may_look, operation_id="list_channels")
def list_of(request: HttpRequest, part: Parts) -> ChannelList:
    """All channels by name."""
    found = cut_part(channels.list_channels(), part, order="name")
    return ChannelList(
        items=[ChannelShape.of(row) for row in found.rows], next_cursor=next_cursor(found, "name")
    )


@router.get("/{int:pk}", response=ChannelShape, auth=may_look, operation_id="get_channel")
def one(request: HttpRequest, pk: Id) -> ChannelShape:
    """One channel."""
    return ChannelShape.of(row_of(channels.list_channels(), pk))


@router.post("", response={201: ChannelShape}, auth=may_change_seeds, operation_id="make_channel")
def make(request: HttpRequest, wanted: Wanted) -> Status[ChannelShape]:
    """Make a channel; its test shows whether it works."""
    kinds = [choice.name for choice in channels.kind_choices()]
    if wanted.kind not in kinds:
        raise field_refused("kind", f"kind must be one of {', '.join(kinds)}.")
    return Status(201, _save(request, Channel(kind=wanted.kind), wanted))


@router.patch("/{int:pk}", response=ChannelShape, auth=may_change_seeds, operation_id="change_channel")
def change(request: HttpRequest, pk: Id, wanted: Changed) -> ChannelShape:
    """Change what is sent; a secret that is not sent stays as it is."""
    channel = row_of(Channel.objects.all(), pk)
    if not receivers.may_change(user_of(request), channel):
        raise Problem(403, "Only staff change a channel that may reach private networks, in the site.")
    return _save(request, channel, wanted)


@router.delete("/{int:pk}", response={204: None}, auth=may_change_seeds, operation_id="delete_channel")
def delete(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete a channel and what it has sent; alerts tell by their others."""
    channels.remove(row_of(Channel.objects.all(), pk), user_of(request))
    return HttpResponse(status=204)


@router.post("/{int:pk}/enable", response=ChannelShape, auth=may_change_seeds, operation_id="enable_channel")
def enable(request: HttpRequest, pk: Id) -> ChannelShape:
    """Switch a channel on; what has waited is told."""
    return _switch(request, pk, True)


@router.post("/{int:pk}/pause", response=ChannelShape, auth=may_change_seeds, operation_id="pause_channel")
def pause(request: HttpRequest, pk: Id) -> ChannelShape:
    """Switch a channel off; what happens meanwhile is kept, and told later."""
    return _switch(request, pk, False)


@router.post(
    "/{int:pk}/test", response={202: MessageShape}, auth=may_change_seeds, operation_id="test_channel"
)
def test(request: HttpRequest, pk: Id) -> Status[MessageShape]:
    """Send a test; ask for the message to see what came of it."""
    message = channels.send_test(row_of(Channel.objects.all(), pk), timezone.now())
    return Status(202, MessageShape.of(message))


@router.get("/{int:pk}/messages", response=MessageList, auth=may_look, operation_id="list_messages")
def messages(request: HttpRequest, pk: Id, part: Parts) -> MessageList:
    """What a channel has sent or is to send, newest first."""
    found = cut_part(channels.messages_of(row_of(Channel.objects.all(), pk)), part)
    return MessageList(items=[MessageShape.of(row) for row in found.rows], next_cursor=next_cursor(found))


@router.get("/messages/{int:pk}", response=MessageShape, auth=may_look, operation_id="get_message")
def message(request: HttpRequest, pk: Id) -> MessageShape:
    """One message."""
    return MessageShape.of(row_of(Message.objects.all(), pk))


@router.post(
    "/messages/{int:pk}/replay",
    response={202: MessageShape},
    auth=may_change_seeds,
    operation_id="replay_message",
)
def replay(request: HttpRequest, pk: Id) -> Status[MessageShape]:
    """Send a message once more; 409 while it still waits."""
    row = row_of(Message.objects.select_related("channel"), pk)
    try:
        return Status(202, MessageShape.of(channels.replay(row, timezone.now())))
    except channels.NotPossible as error:
        raise Problem(409, str(error)) from error


def _switch(request: HttpRequest, pk: int, enabled: bool) -> ChannelShape:
    channels.switch(row_of(Channel.objects.all(), pk), enabled, timezone.now(), user_of(request))
    return one(request, pk)


def _save(request: HttpRequest, channel: Channel, wanted: Changed) -> ChannelShape:
    """Check and write a channel. Raises Problem, by setting, for what is wrong."""
    kind = channels.kind_of(channel.kind)
    secret = {setting.name for setting in kind.SETTINGS if setting.secret}
    known = {setting.name for setting in kind.SETTINGS} | {channels.SITE}
    if strange := sorted(wanted.settings.keys() - known):
        sentence = f"{strange[0]} is no setting of “{channel.kind}”: it has {', '.join(sorted(known))}."
        raise field_refused(f"settings.{strange[0]}", sentence)
    _write_plain(channel, wanted)
    given = {name: str(value) for name, value in wanted.settings.items() if name in secret and value}
    shown = {name: value for name, value in wanted.settings.items() if name not in secret}
    options = {name: value for name, value in {**_open_settings(channel), **shown}.items() if value}
    if problems := channels.check(channel, options, given):
        raise refused(FieldProblem(f"settings.{name}", f"{name}: {text}") for name, text in problems.items())
    channel.full_clean(exclude={column.name for column in Channel._meta.fields} - {"name"})
    channels.save(channel, options, given, timezone.now(), user_of(request))
    return one(request, channel.pk)


def _write_plain(channel: Channel, wanted: Changed) -> None:
    if wanted.name is not None:
        channel.name = wanted.name
    if wanted.time_zone is not None:
        channel.time_zone = zone_of(wanted.time_zone)
    for name in ("quiet_from", "quiet_until"):
        if (text := getattr(wanted, name)) is not None:
            setattr(channel, name, time.fromisoformat(text) if text else None)


def _open_settings(channel: Channel) -> dict[str, Any]:
    """What is no secret and was written by people; a kind that cannot be used any more has its options."""
    hidden = (channels.PLACE, channels.NETWORKS)
    return {name: value for name, value in channel.options.items() if name not in hidden}


def _clock(moment: time | None) -> str:
    return f"{moment:%H:%M}" if moment else ""
