"""Trying a page: a form, and what came of it. A worker fetches and reads; nothing is stored."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from catalog.models import Seed
from crawler.collections import Collection
from crawler.seeds import lines
from crawler.seeds.collection_text import written
from djsite.browse.roles import may_change_seeds
from djsite.browse.trials.forms import TryForm, shown_again
from djsite.desk.trials import here as trials_here
from djsite.desk.trials import site as trials

NOBODY = "No worker can be asked now: Redis does not answer. Try again in a moment."
PATIENCE = 90.0  # seconds after which the page no longer waits: 30 to fetch, 20 to read, and its turn


@require_http_methods(["GET", "HEAD", "POST"])
@may_change_seeds
def try_page(request: HttpRequest) -> HttpResponse:
    """Ask for a try; the answer has a page of its own."""
    form = TryForm(request.POST or None, initial=_begun(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        key = ask(form)
        if key is not None:
            return redirect(address_of(key))
        messages.error(request, NOBODY)
    return render(request, "browse/try.html", {"form": form})


def ask(form: TryForm) -> str | None:
    """Have a worker try what a valid form asks for; its key, or None when no worker can be asked."""
    values = form.cleaned_data
    seed, networks = values["seed"], values.get("networks", [])
    stored = values.get("version")
    return trials.ask(values["url"], seed, values["collections"], [] if seed else networks, stored)


def address_of(key: str) -> str:
    """The page that waits for the answer."""
    return f"{reverse('try-result', args=[key])}?{urlencode({'since': int(time.time())})}"


def _begun(request: HttpRequest) -> dict[str, Any]:
    """What the form begins with: a page of a seed, a version, or a link of a page that was tried."""
    if is_number(stored := request.GET.get("version", "")) and (version := trials_here.version(int(stored))):
        return {"seed": version.page.seed, "url": version.final_url, "take": stored}
    number = request.GET.get("seed", "")
    seed = Seed.objects.alive().filter(pk=int(number)).first() if is_number(number) else None
    if url := request.GET.get("url", ""):
        return {"seed": seed, "url": url, "networks": request.GET.get("networks", "")}
    return {"seed": seed, "url": lines(seed.start_urls)[0]} if seed and lines(seed.start_urls) else {}


def is_number(text: str) -> bool:
    """Whether a text of an address or a form is a number of a row."""
    return text.isdecimal() and len(text) < 19


def is_late(request: HttpRequest) -> bool:
    """Whether an answer was asked for so long ago that it is no longer waited for."""
    since = request.GET.get("since", "")
    return not is_number(since) or time.time() - int(since) > PATIENCE


@require_safe
@may_change_seeds
def tried(request: HttpRequest, key: str) -> HttpResponse:
    """What came of a try; the page waits for it."""
    try:
        answer = trials.answer(key)
    except LookupError as error:
        return render(request, "browse/try.html", {"form": TryForm(user=request.user), "failed": str(error)})
    if answer is None:
        return render(request, "browse/try_wait.html", {"late": is_late(request)})
    form = TryForm(initial=shown_again(answer), user=request.user)
    context = {"form": form, "key": key, "tried": answer, "trial": answer.trial, "ok": trials.OK}
    context |= {"offers": _offers(answer), "collections": _collections(answer), "along": _along(answer)}
    return render(request, "browse/try_result.html", context)


def _along(answer: trials.Tried) -> str:
    """What goes along to the try of a link, as a query: the seed, or the networks."""
    seed = {"seed": answer.seed.pk} if answer.seed else {}
    return urlencode({**seed, "networks": ", ".join(answer.networks)})


def _collections(answer: trials.Tried) -> list[dict[str, Any]]:
    """What the rules read: each collection with the rows of its records."""
    return [
        {
            "collection": collection,
            "rows": [[record.get(field.name) for field in collection.fields] for record in collection.values],
        }
        for collection in answer.trial.collections
    ]


def _offers(answer: trials.Tried) -> list[dict[str, Any]]:
    """The offers as tables: names of columns, rows of sample values, and the text that a form takes."""
    return [
        {
            "offer": offer,
            "columns": [field["name"] for field in offer.collection["fields"]],
            "rows": [
                [sample.get(field["name"], "") for field in offer.collection["fields"]]
                for sample in offer.samples
            ],
            "text": written([Collection.of(offer.collection)]),
        }
        for offer in answer.trial.offered
    ]
