"""The receipt of a record: of each value, the version, the rules and the bytes that it was read from."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Record, RecordVersion
from djsite.browse.roles import may_download
from djsite.browse.views.trials import is_late
from djsite.desk.read.record import whole_records
from djsite.desk.trials import receipts


@require_POST
@may_download
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the archive looked at; the answer has a page of its own."""
    record = get_object_or_404(whole_records(), pk=pk)
    key = receipts.ask(record, _earlier(record, request.POST.get("earlier", "")))
    if key is None:
        messages.error(request, "No worker can be asked now: Redis does not answer. Try again in a moment.")
        return redirect("record", pk)
    return redirect(f"{reverse('record-receipt', args=[pk, key])}?{urlencode({'since': int(time.time())})}")


@require_safe
@may_download
def looked_up(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The receipt; the page waits for it."""
    record = get_object_or_404(whole_records(), pk=pk)
    context: dict[str, Any] = {"record": record, "late": is_late(request)}
    try:
        answer = receipts.answer(record, key)
    except LookupError as error:
        return render(request, "browse/receipt.html", {**context, "failed": str(error.args[0])})
    if answer is None:
        return render(request, "browse/receipt.html", context)
    receipt, earlier = answer
    held = earlier or record
    same = receipt.read is not None and all(
        receipt.read.get(name) == value for name, value in held.values.items()
    )
    context |= {"receipt": receipt, "held": held, "earlier": earlier, "same": same}
    return render(request, "browse/receipt.html", context)


def _earlier(record: Record, number: str) -> RecordVersion | None:
    """Values that a record had before, by their number; none for what is no number."""
    if not number.isdecimal() or len(number) > 18:
        return None
    return get_object_or_404(record.earlier, pk=int(number))
