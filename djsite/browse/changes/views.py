"""What changed: the list with its filters, its download, and the part of the dashboard."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.formats import ROW_FORMATS, ending
from djsite.browse.changes.days import by_day, by_kind
from djsite.browse.changes.forms import ChangeFilter, NameForm
from djsite.browse.downloads import few_at_a_time, send_rows
from djsite.browse.roles import may_download, may_look
from djsite.desk.alerts.of_list import alert_query
from djsite.desk.events.kept import kept_views
from djsite.desk.events.listing import EventList, tidy
from djsite.desk.events.rows import rows_of
from djsite.desk.events.summary import day_of, latest
from djsite.desk.events.table import event_rows
from djsite.desk.events.words import filter_words

NEWEST = 10  # on the dashboard
VIEWS = 200  # kept views that the list shows


@require_safe
@may_look
def change_list(request: HttpRequest) -> HttpResponse:
    """Everything that changed, newest first; of a run, by kind."""
    now, query = timezone.now(), tidy(request.META.get("QUERY_STRING", ""))
    form, wanted = ChangeFilter(request.GET), EventList.of_query(query)
    part = wanted.part(now, request.GET.get("after", ""))
    rows = rows_of(part.rows)
    views = [(view, view.query == query) for view in kept_views()[:VIEWS]]
    view = next((view for view, chosen in views if chosen), None)
    context = {
        "form": form,
        "slice": part,
        "groups": by_kind(rows) if wanted.run else by_day(rows, now),
        "run": wanted.run,
        "query": query,
        "words": filter_words(query),
        "views": views,
        "view": view,
        "alert": alert_query(wanted.wanted, view),
        "name": NameForm(),
        **form.suggestions(),
    }
    return render(request, "browse/changes.html", context)


@require_safe
@may_look
def lately(request: HttpRequest) -> HttpResponse:
    """What changed lately, asked for by the dashboard every few seconds."""
    return render(request, "browse/parts/changes_lately.html", lately_of(timezone.now()))


def lately_of(now: datetime) -> dict[str, Any]:
    """What the dashboard shows of it."""
    return {"latest": latest(now, NEWEST), "day": day_of(now)}


@require_safe
@may_download
@few_at_a_time
def download(request: HttpRequest, format: str) -> HttpResponseBase:
    """The rows of the list that the address asks for, streamed while they are read."""
    if format not in ROW_FORMATS:
        raise Http404
    wanted = EventList.of_query(request.META.get("QUERY_STRING", ""))
    return send_rows(request, event_rows(wanted, timezone.now()), format, name=f"changes.{ending(format)}")
