"""A list with details: one item's page beside its list, and a seed of both by a click."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from crawler.seeds.collection_text import written
from djsite.browse.roles import may_change_seeds
from djsite.browse.views.trying.trials import is_late, is_number
from djsite.desk.trials import details as desk
from djsite.desk.trials import site as trials


@require_POST
@may_change_seeds
def ask(request: HttpRequest, key: str) -> HttpResponse:
    """Have the page of one item tried; the answer beside the list has a page of its own."""
    offer, at = (_number(request, name) for name in ("offer", "at"))
    try:
        tried = trials.answer(key)
    except LookupError:
        tried = None
    offered = desk.offer_of(tried, offer) if tried else None
    if tried is None or offered is None or offered.listing is None:
        raise Http404
    links = offered.listing.links
    url = links[at % len(links)]
    if refusal := desk.refusal(tried, url, request.user):
        messages.error(request, refusal)
        return redirect("try-result", key)
    item = desk.ask(tried, url)
    if item is None:
        messages.error(request, "No worker can be asked now: Redis does not answer. Try again in a moment.")
        return redirect("try-result", key)
    address = reverse("try-details", args=[key, offer, item])
    return redirect(f"{address}?{urlencode({'since': int(time.time())})}")


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def details(request: HttpRequest, key: str, offer: int, item: str) -> HttpResponse:
    """What the item's page offers, and what a seed of both would do; a post makes that seed."""
    try:
        answer = desk.answer(key, offer, item)
    except LookupError as error:
        messages.error(request, str(error.args[0]))
        return redirect("try")
    if answer is None:
        return render(request, "browse/try_wait.html", {"late": is_late(request)})
    if request.method == "POST" and request.user.has_perm("catalog.add_seed"):
        take = _number(request, "take")
        if take < len(answer.choices):
            return _saved(request, answer, answer.choices[take])
    return render(request, "browse/try_details.html", _context(key, offer, item, answer))


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if is_number(text) else 0


def _saved(request: HttpRequest, answer: desk.Details, choice: desk.Choice) -> HttpResponse:
    try:
        seed = desk.save(answer, choice, timezone.now(), request.user)
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return redirect(request.get_full_path())
    messages.success(
        request, f"{seed.name} was made. It runs now, and then once a day. All of it can be changed."
    )
    return redirect("seed", seed.pk)


def _context(key: str, offer: int, item: str, answer: desk.Details) -> dict[str, Any]:
    return {
        "key": key,
        "item_key": item,
        "offer": offer,
        "answer": answer,
        "listed": answer.listed.trial,
        "trial": answer.item.trial,
        "seed": answer.listed.seed,
        "ok": trials.OK,
        "choices": [
            {
                **_choice(choice),
                "query": "?" + urlencode({"try": key, "offer": offer, "item": item, "take": take}),
            }
            for take, choice in enumerate(answer.choices)
        ],
    }


def _choice(choice: desk.Choice) -> dict[str, Any]:
    """A choice as a table of its first values, its collections, and their rules."""
    of_list, of_items = choice.collections.of_list, choice.collections.of_items
    names = [field["name"] for field in choice.offered.collection["fields"]]
    columns = [name for name in names if any(sample.get(name) for sample in choice.offered.samples)]
    return {
        "offered": choice.offered,
        "columns": columns,
        "rows": [[sample.get(name, "") for name in columns] for sample in choice.offered.samples],
        "of_list": of_list,
        "of_items": of_items,
        "is_told": bool(of_items.pages),
        "text": written([of_list, of_items]),
    }
