"""Records: the things of a seed's collection as a table."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from catalog.models import Seed
from djsite.browse.forms import RecordFilter
from djsite.browse.roles import may_look
from djsite.desk.read.keyset import cut
from djsite.desk.read.records import collections_of, columns_of, list_records


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
