"""Records: a seed's extracted fields as a table."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from catalog.models import Seed
from djsite.browse.forms import RecordFilter
from djsite.browse.roles import may_look
from djsite.desk.read.keyset import cut
from djsite.desk.read.records import columns_of, list_records


@require_safe
@may_look
def record_list(request: HttpRequest) -> HttpResponse:
    """The records of one seed; its fields are the columns, and those that older records have besides."""
    form = RecordFilter(request.GET)
    seed = Seed.objects.alive().filter(pk=form.values().get("seed", 0)).first()
    if seed is None:
        return render(request, "browse/record_list.html", {"form": form})
    part = cut(list_records(seed.pk), request.GET.get("after", ""))
    context = {
        "form": form,
        "seed": seed,
        "slice": part,
        "columns": columns_of(seed, part.rows),
        "download": urlencode({"seed": seed.pk}),
    }
    return render(request, "browse/record_list.html", context)
