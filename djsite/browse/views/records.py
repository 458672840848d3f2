"""One record over time, and the receipts of its values."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Record, RecordVersion
from djsite.browse.compare.charts import StepChart
from djsite.browse.forms import MomentFilter
from djsite.browse.roles import may_download, may_look
from djsite.browse.views.trying.trials import is_late
from djsite.desk.as_of.records import past_records
from djsite.desk.compare.fields import absences_of, series_of
from djsite.desk.read.keyset import cut
from djsite.desk.read.records import (
    changes_of,
    columns_of,
    earlier_values,
    last_seen,
    rules_of,
    version_of,
    whole_records,
)
from djsite.desk.trials import receipts

CHANGES = 20
CHARTS = 12


@require_safe
@may_look
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: its values, and what it had before."""
    record = get_object_or_404(whole_records(), pk=pk)
    form = MomentFilter(request.GET)
    moment = form.values().get("as_of")
    shown = past_records([record], moment)[0] if moment else record
    names = columns_of(record.seed, record.collection, [shown])
    part = cut(earlier_values(record), request.GET.get("after", ""), size=CHANGES)
    absences = absences_of(record)
    context = {
        "record": record,
        "absences": absences,
        "charts": [StepChart(series, timezone.now()) for series in series_of(record, absences)[:CHARTS]],
        "form": form,
        "moment": moment,
        "shown": shown,
        "values": [(name, shown.values.get(name), shown.held.get(name)) for name in names],
        "problems": [] if moment else list(_problems(record)),
        "last_seen": last_seen(record),
        "version": version_of(record),
        "rules": rules_of(record),
        "slice": part,
        "change_count": record.earlier.count(),
        "changes": changes_of(record, part),
    }
    return render(request, "browse/record.html", context)


def _problems(record: Record) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, each) for name, each in record.problems.items() if name not in record.held)


@require_POST
@may_download
def ask_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the archive looked at; the answer has a page of its own."""
    record = get_object_or_404(whole_records(), pk=pk)
    key = receipts.ask(record, _earlier(record, request.POST.get("earlier", "")))
    if key is None:
        messages.error(request, "No worker can be asked now: Redis does not answer. Try again in a moment.")
        return redirect("record", pk)
    return redirect(f"{reverse('record-receipt', args=[pk, key])}?{urlencode({'since': int(time.time())})}")


@require_safe
@may_download
def receipt(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The receipt; the page waits for it."""
    record = get_object_or_404(whole_records(), pk=pk)
    context: dict[str, Any] = {"record": record, "late": is_late(request)}
    try:
        answer = receipts.answer(record, key)
    except LookupError as error:
        return render(request, "browse/receipt.html", {**context, "failed": str(error.args[0])})
    if answer is None:
        return render(request, "browse/receipt.html", context)
    read, earlier = answer
    held = earlier or record
    elsewhere = record.held if earlier is None else {}  # read from older versions
    same = read.read is not None and all(
        read.read.get(name) == value for name, value in held.values.items() if name not in elsewhere
    )
    context |= {"receipt": read, "held": held, "earlier": earlier, "same": same, "elsewhere": elsewhere}
    return render(request, "browse/receipt.html", context)


def _earlier(record: Record, number: str) -> RecordVersion | None:
    """Values that a record had before, by their number; none for what is no number."""
    if not number.isdecimal() or len(number) > 18:
        return None
    return get_object_or_404(record.earlier, pk=int(number))
