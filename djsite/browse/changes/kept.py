"""Kept views: keep a list under a name, and one view with the address of its feed, or file."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import KeptView, Seed
from djsite.browse.changes.forms import NameForm
from djsite.browse.roles import may_download, may_look
from djsite.desk.events import kept


@require_POST
@may_download
def keep(request: HttpRequest, page: str) -> HttpResponse:
    """Keep the list whose filters are posted; back to the list. ``page`` is its route."""
    query, form = kept.tidy_query(page, request.POST.get("query", "")), NameForm(request.POST)
    if problem := form.problem():
        messages.error(request, problem)
        return redirect(_list(page, query))
    try:
        view = kept.keep(request.user, form.chosen, query, page)
    except kept.Refused as error:
        messages.error(request, str(error))
        return redirect(_list(page, query))
    too = "It has an Atom feed, too." if page == kept.CHANGES else "It has a link for programs, too."
    messages.success(request, f"The view “{view.name}” is kept. {too}")
    return redirect(_list(page, query))


@require_POST
@may_download
def feed_of_seed(request: HttpRequest, pk: int) -> HttpResponse:
    """The feed of a seed: its page, with the address."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    return redirect("kept-view", kept.feed_of_seed(request.user, seed).pk)


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def kept_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One view: what it shows, its address for programs, and what its owner may do with it."""
    view = get_object_or_404(KeptView.objects.select_related("owner"), pk=pk)
    if request.method == "POST":
        return _change(request, view)
    context = {
        "view": view,
        "list": _list(view.page, view.query),
        "words": kept.words_of(view),
        "of_records": view.page == kept.RECORDS,
        "address": request.build_absolute_uri(_address(view)),
        "may_change": kept.may_change(request.user, view),
    }
    return render(request, "browse/kept_view.html", context)


@may_download
def _change(request: HttpRequest, view: KeptView) -> HttpResponse:
    """Rename it, give its feed or file a new address, or delete it, by the button that was pressed."""
    actions: dict[str, Callable[[HttpRequest, KeptView], HttpResponse]] = {
        "rename": _rename,
        "renew": _renew,
        "delete": _delete,
    }
    action = actions.get(request.POST.get("action", ""))
    return action(request, view) if action else redirect("kept-view", view.pk)


def _rename(request: HttpRequest, view: KeptView) -> HttpResponse:
    form = NameForm(request.POST)
    if problem := form.problem():
        messages.error(request, problem)
    else:
        kept.rename(request.user, view, form.chosen)
        messages.success(request, f"It is called “{view.name}” now.")
    return redirect("kept-view", view.pk)


def _renew(request: HttpRequest, view: KeptView) -> HttpResponse:
    kept.renew_token(request.user, view)
    messages.success(request, "There is a new address. The old one shows nothing any more.")
    return redirect("kept-view", view.pk)


def _delete(request: HttpRequest, view: KeptView) -> HttpResponse:
    try:
        kept.delete(request.user, view)
    except kept.Refused as error:
        messages.error(request, str(error))
        return redirect("kept-view", view.pk)
    messages.success(request, f"The view “{view.name}” is deleted.")
    return redirect(_list(view.page, ""))


def _address(view: KeptView) -> str:
    if view.page == kept.RECORDS:
        return reverse("kept-file", args=[view.token, "csv"])
    return reverse("feed", args=[view.token])


def _list(page: str, query: str) -> str:
    address = reverse(kept.RECORDS if page == kept.RECORDS else kept.CHANGES)
    return f"{address}?{query}" if query else address
