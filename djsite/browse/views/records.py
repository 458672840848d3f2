"""Records: the things of a seed's collection as a table, and one of them over time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from catalog.models import Seed
from djsite.browse.forms import RecordFilter
from djsite.browse.roles import may_look
from djsite.desk.read.keyset import cut
from djsite.desk.read.record import (
    changes_of,
    earlier_values,
    last_seen,
    rules_of,
    version_of,
    whole_records,
)
from djsite.desk.read.records import collections_of, columns_of, list_records

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
        "columns": columns_of(seed, chosen, part.rows),
        "download": urlencode({"seed": seed.pk}),
    }
    return render(request, "browse/record_list.html", context)


@require_safe
@may_look
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: its values, and what it had before."""
    record = get_object_or_404(whole_records(), pk=pk)
    part = cut(earlier_values(record), request.GET.get("after", ""), size=CHANGES)
    context = {
        "record": record,
        "values": [
            (name, record.values.get(name)) for name in columns_of(record.seed, record.collection, [record])
        ],
        "last_seen": last_seen(record),
        "version": version_of(record),
        "rules": rules_of(record),
        "slice": part,
        "changes": changes_of(record, part),
    }
    return render(request, "browse/record.html", context)
