"""Channels: the list, the form, what each has sent, a test, and a message once more."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Channel, Message
from djsite.browse.channels.forms import ChannelForm
from djsite.browse.roles import may_change_seeds, may_look
from djsite.desk import channels
from djsite.desk.access import receivers
from djsite.desk.channels import NotPossible
from djsite.desk.read.keyset import cut
from djsite.desk.seeds import may_open_networks

SIZE = 25  # of the log


@require_safe
@may_look
def channel_list(request: HttpRequest) -> HttpResponse:
    """All channels with their states."""
    rows = [
        (channel, channels.state_of(channel), channels.kind_label(channel.kind))
        for channel in channels.list_channels()
    ]
    return render(request, "browse/channel_list.html", {"rows": rows, "kinds": channels.kind_choices()})


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def channel_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A form for a channel of a kind."""
    if kind not in {choice.name for choice in channels.kind_choices()}:
        raise Http404
    return _form(request, Channel(kind=kind))


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def channel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a channel, without its secrets."""
    channel = get_object_or_404(Channel, pk=pk)
    if not receivers.may_change(request.user, channel):
        raise PermissionDenied("Only staff change a channel that may reach private networks.")
    return _form(request, channel)


def _form(request: HttpRequest, channel: Channel) -> HttpResponse:
    form = ChannelForm(
        request.POST or None,
        instance=channel,
        site=request.build_absolute_uri("/").rstrip("/"),
        networks=may_open_networks(request.user),
    )
    if request.method == "POST" and form.is_valid():
        channels.save(channel, form.options(), form.secrets(), timezone.now(), request.user)
        return _saved(request, channel)
    context = {"form": form, "channel": channel, "kind": channels.kind_label(channel.kind)}
    return render(request, "browse/channel_form.html", context)


def _saved(request: HttpRequest, channel: Channel) -> HttpResponse:
    """To its page; back to the alert for which it was made, if there is one (``?alert=``)."""
    if not (begun := request.GET.get("alert", "")):
        messages.success(request, "Saved. Send a test to see whether it arrives.")
        return redirect("channel", channel.pk)
    boxes = QueryDict(begun, mutable=True)
    boxes.appendlist("channels", str(channel.pk))
    messages.success(request, f"{channel.name} is saved and chosen. Its own page sends a test.")
    return redirect(f"{reverse('alert-new')}?{boxes.urlencode()}")


@require_safe
@may_look
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """What a channel has sent, what waits, and how it answers."""
    row = get_object_or_404(channels.list_channels(), pk=pk)
    part = cut(channels.messages_of(row), request.GET.get("after", ""), size=SIZE)
    context = {
        "channel": row,
        "state": channels.state_of(row),
        "kind": channels.kind_label(row.kind),
        "place": row.options.get(channels.PLACE, ""),
        "may_change": receivers.may_change(request.user, row),
        "slice": part,
        "rows": [(message, channels.message_state(message)) for message in part.rows],
    }
    return render(request, "browse/channel.html", context)


@require_POST
@may_change_seeds
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test; its page shows what comes of it."""
    message = channels.send_test(get_object_or_404(Channel, pk=pk), timezone.now())
    return redirect("message", message.pk)


@require_POST
@may_change_seeds
def switch(request: HttpRequest, pk: int, enabled: bool) -> HttpResponse:
    """Switch a channel on or off."""
    channels.switch(get_object_or_404(Channel, pk=pk), enabled, timezone.now(), request.user)
    return redirect("channel", pk)


@require_POST
@may_change_seeds
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a channel and what it has sent."""
    row = get_object_or_404(Channel, pk=pk)
    channels.remove(row, request.user)
    messages.success(request, f"{row.name} is deleted.")
    return redirect("channels")


@require_safe
@may_look
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """A message whole, and each attempt to deliver it. While one is to come, the page asks for itself."""
    row = get_object_or_404(Message.objects.select_related("channel", "replay_of"), pk=pk)
    context = {
        "message": row,
        "state": channels.message_state(row),
        "attempts": row.deliveries.order_by("-number")[:SIZE],
        "lines": channels.rest_of(row.body),
    }
    return render(request, "browse/message.html", context)


@require_POST
@may_change_seeds
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message once more."""
    row = get_object_or_404(Message.objects.select_related("channel"), pk=pk)
    try:
        again = channels.replay(row, timezone.now())
    except NotPossible as error:
        messages.error(request, str(error))
        return redirect("message", pk)
    return redirect("message", again.pk)
