"""Records: the things of a seed's collection as a table, and one of them over time."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Record, RecordVersion, Seed
from djsite.browse.forms import RecordFilter
from djsite.browse.roles import may_download, may_look
from djsite.browse.views.trying.trials import is_late
from djsite.desk.read.keyset import cut
from djsite.desk.read.records import (
    changes_of,
    collections_of,
    columns_of,
    earlier_values,
    key_of,
    last_seen,
    list_records,
    rules_of,
    version_of,
    whole_records,
)
from djsite.desk.trials import receipts

CHANGES = 20


@require_safe
@may_look
def record_list(request: HttpRequest) -> HttpResponse:
    """The records of a collection of one seed; its fields are the columns, and those that older ones have."""
    form = RecordFilter(request.GET)
    seed = Seed.objects.alive().filter(pk=form.values().get("seed", 0)).first()
    if seed is None:
        del form.fields["collection"]
        return render(request, "browse/record_list.html", {"form": form})
    names = collections_of(seed)
    wanted = request.GET.get("collection", "")
    chosen = wanted if wanted in names else next(iter(names), "")
    form.offer(names, chosen)
    part = cut(list_records(seed.pk, chosen), request.GET.get("after", ""))
    context = {
        "form": form,
        "seed": seed,
        "slice": part,
        "columns": [name for name in columns_of(seed, chosen, part.rows) if name not in key_of(seed, chosen)],
        "download": urlencode({"seed": seed.pk}),
    }
    return render(request, "browse/record_list.html", context)


@require_safe
@may_look
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: its values, and what it had before."""
    record = get_object_or_404(whole_records(), pk=pk)
    names = columns_of(record.seed, record.collection, [record])
    part = cut(earlier_values(record), request.GET.get("after", ""), size=CHANGES)
    context = {
        "record": record,
        "values": [(name, record.values.get(name), record.held.get(name)) for name in names],
        "problems": [(name, each) for name, each in record.problems.items() if name not in record.held],
        "last_seen": last_seen(record),
        "version": version_of(record),
        "rules": rules_of(record),
        "slice": part,
        "change_count": record.earlier.count(),
        "changes": changes_of(record, part),
    }
    return render(request, "browse/record.html", context)


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
