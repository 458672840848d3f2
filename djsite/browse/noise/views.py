"""What is left out of the pages of a seed: its own lines, and what was learned, with the evidence."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from catalog.models import Seed
from crawler.policy import ChangeMeans
from djsite.browse.roles import may_change_seeds, may_look
from djsite.desk.noise.showing import pages_alike
from djsite.desk.noise.switching import switch

LEAVE_OUT = "leave_out"


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def noise(request: HttpRequest, pk: int) -> HttpResponse:
    """The list; a post switches one block."""
    seed = get_object_or_404(Seed.objects.alive(), pk=pk)
    if request.method == "POST":
        return _switch(request, seed)
    context = {
        "seed": seed,
        "lines": seed.noise.splitlines(),
        "kinds": pages_alike(seed),
        "content": seed.change_means == ChangeMeans.CONTENT,
    }
    return render(request, "browse/noise.html", context)


@may_change_seeds
def _switch(request: HttpRequest, seed: Seed) -> HttpResponse:
    leave_out = request.POST.get("to") == LEAVE_OUT
    number = request.POST.get("block", "")
    block_id = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    block = switch(seed, block_id, leave_out=leave_out, now=timezone.now(), user=request.user)
    if block is None:
        messages.warning(request, "Nothing is known of that part any more.")
    elif leave_out:
        messages.success(request, f"{block.selector} is left out from the next look on.")
    else:
        messages.success(request, f"{block.selector} counts again from the next look on.")
    return redirect("seed-noise", seed.pk)
