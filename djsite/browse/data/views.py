"""Data: the records of a collection of a seed as a table, and exactly that as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from catalog.formats import ROW_FORMATS, ending
from catalog.models import Seed
from djsite.browse.changes.forms import NameForm
from djsite.browse.downloads import few_at_a_time, send_rows
from djsite.browse.forms import RecordFilter
from djsite.browse.roles import may_download, may_look
from djsite.desk.as_of.words import before_first_run
from djsite.desk.data.columns import Columns, columns_in
from djsite.desk.data.empty import why_empty
from djsite.desk.data.listing import Problem, RecordList, part_of, read_list, rows_of
from djsite.desk.data.words import (
    ASKED,
    SINCE,
    chips,
    hints,
    list_words,
    query_of_form,
    seen_as,
    sort_headers,
    with_columns,
)
from djsite.desk.events.kept import RECORDS, kept_views, view_by_token
from djsite.desk.promises.holds import Hold, holds_on
from djsite.desk.read.records import collections_of, main_collection

OTHERS = ("after", "held", "form")
"""Parameters of the address that say nothing about the list."""
VIEWS = 200  # kept views that the page shows
SEEDS = 50  # among which somebody chooses who has named none


@require_safe
@may_look
def record_list(request: HttpRequest) -> HttpResponse:
    """The list that the address asks for; a form's answers are sent on to the address that they mean."""
    now, query = timezone.now(), request.META.get("QUERY_STRING", "")
    answered = "form" in request.GET
    if answered:
        query = query_of_form([(name, text) for name, texts in request.GET.lists() for text in texts])
    wanted, problems = read_list(query, now, OTHERS)
    if answered and not problems:
        return redirect(f"{reverse('records')}?{wanted.query}")
    seed = Seed.objects.alive().filter(pk=wanted.seed or 0).first()
    if seed is None:
        return _choice(request, problems)
    names = collections_of(seed)
    if wanted.collection and wanted.collection not in names:
        problems.append(Problem("collection", f"collection: {seed.name} has no “{wanted.collection}”."))
    wanted = _of_one_collection(wanted, seed, names)
    context = _listed(seed, wanted, now, request.GET.get("after", ""))
    context |= {"problems": problems, "form": _form(wanted, names), "added": request.GET if problems else {}}
    return render(request, "browse/record_list.html", context)


def _of_one_collection(wanted: RecordList, seed: Seed, names: Sequence[str]) -> RecordList:
    """The list of the collection that it names, else of the main one: an index has its records in order."""
    if wanted.collection in names:
        return wanted
    return msgspec.structs.replace(wanted, collection=main_collection(seed))


def _choice(request: HttpRequest, problems: list[Problem]) -> HttpResponse:
    """The seeds, of which one is to be chosen."""
    seeds = Seed.objects.alive()[: SEEDS + 1]
    context = {"problems": problems, "seeds": seeds[:SEEDS], "more_seeds": len(seeds) > SEEDS}
    return render(request, "browse/record_list.html", context)


def _form(wanted: RecordList, names: Sequence[str]) -> RecordFilter:
    moment = wanted.as_of and f"{wanted.as_of:%Y-%m-%dT%H:%M:%S}"
    form = RecordFilter({"seed": str(wanted.seed), "as_of": moment})
    form.offer(names, wanted.collection)
    return form


def _listed(seed: Seed, wanted: RecordList, now: datetime, after: str) -> dict[str, Any]:
    listing = part_of(wanted, now, after)
    columns = columns_in(seed, wanted, listing.rows)
    views = [(view, view.query == wanted.query) for view in kept_views(RECORDS)[:VIEWS]]
    view = next((view for view, chosen in views if chosen), None)
    return {
        "seed": seed,
        "wanted": wanted,
        "moment": wanted.as_of,
        "slice": listing.part,
        "newest": listing.newest,
        "records": listing.rows,
        "columns": columns,
        "headers": sort_headers(wanted, columns),
        "chips": list(chips(wanted)),
        "hints": hints(seed, wanted),
        "words": list_words(wanted, ""),
        "asked": ASKED,
        "since": SINCE,
        "tabs": _tabs(wanted, now),
        "alert": urlencode({"seed": seed.pk, "collection": wanted.collection}),
        "outlet": _outlet_query(wanted),
        "file": _file_query(wanted, columns),
        "formats": list(ROW_FORMATS.values()),
        "views": views,
        "view": view,
        "name": NameForm(),
        "why_empty": "" if listing.rows else _why_empty(seed, wanted),
    }


def _why_empty(seed: Seed, wanted: RecordList) -> str:
    if wanted.as_of is not None and (too_early := before_first_run(seed, wanted.as_of)):
        return too_early
    return "" if wanted.filtered or wanted.as_of else why_empty(seed, wanted.collection)


def _file_query(wanted: RecordList, columns: Columns) -> str:
    """The address of the list as it is shown, so that a file has the same columns."""
    return with_columns(wanted, columns.file)


def _outlet_query(wanted: RecordList) -> str:
    """What makes the form of an outlet begin with the list; empty for a list of the past."""
    return urlencode({"list": wanted.query}) if wanted.view == "latest" and wanted.as_of is None else ""


def _tabs(wanted: RecordList, now: datetime) -> list[tuple[str, str, bool]]:
    """Label, address, and whether it is shown."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    past = msgspec.structs.replace(wanted, view="latest", changed_since="", as_of=wanted.as_of or today)
    changes = urlencode({"seed": wanted.seed, "collection": wanted.collection})
    here = reverse("records")
    return [
        ("Latest", f"{here}?{seen_as(wanted, 'latest')}", wanted.view == "latest" and wanted.as_of is None),
        ("All versions", f"{here}?{seen_as(wanted, 'versions')}", wanted.view == "versions"),
        ("Changes", f"{reverse('changes')}?{changes}", False),
        ("As of", f"{here}?{past.query}", wanted.as_of is not None),
    ]


@require_safe
@may_download
@few_at_a_time
def download(request: HttpRequest, format: str) -> HttpResponseBase:
    """The list that the address asks for, all of it, streamed while it is read."""
    wanted, seed = _wanted(request.META.get("QUERY_STRING", ""), format)
    if holds := _holds(request, wanted, seed):
        context = {"holds": holds, "anyway": f"?{request.GET.urlencode()}&held=1"}
        return render(request, "browse/held.html", context, status=409)
    return _file(request, wanted, seed, format)


@login_not_required
@require_safe
@few_at_a_time
def kept_file(request: HttpRequest, token: str, format: str) -> HttpResponseBase:
    """The list of a kept view as it is now, for a spreadsheet or a program that has the token.

    404 for a token that is none (any more), 409 while a promise about the data is broken.
    """
    view = view_by_token(token, [RECORDS])
    if view is None:
        raise Http404
    wanted, seed = _wanted(view.query, format)
    if holds := _holds(request, wanted, seed):
        reasons = " ".join(hold.sentence for hold in holds)
        text = f"These data are held: {reasons} With ?held=1 they are sent all the same.\n"
        return HttpResponse(text, status=409, content_type="text/plain; charset=utf-8")
    return _file(request, wanted, seed, format)


def _wanted(query: str, format: str) -> tuple[RecordList, Seed]:
    """The list of a file, and its seed. Raises Http404."""
    wanted, problems = read_list(query, timezone.now(), OTHERS)
    seed = Seed.objects.alive().filter(pk=wanted.seed or 0).first()
    if format not in ROW_FORMATS or problems or seed is None:
        raise Http404(" ".join(problem.sentence for problem in problems))
    return _of_one_collection(wanted, seed, collections_of(seed)), seed


def _holds(request: HttpRequest, wanted: RecordList, seed: Seed) -> list[Hold]:
    """What holds the list, unless it is wanted all the same."""
    return [] if wanted.as_of or request.GET.get("held") else holds_on(seed, None)


def _file(request: HttpRequest, wanted: RecordList, seed: Seed, format: str) -> HttpResponseBase:
    name = f"records-{slugify(seed.name)[:60] or seed.pk}.{ending(format)}"
    return send_rows(request, rows_of(wanted, timezone.now()), format, name=name)
