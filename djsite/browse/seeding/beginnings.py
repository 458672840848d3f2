"""What the seed form begins with: a tried page, a starting point, or what was written before a try."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from catalog.models import Seed
from crawler.collections import Collection
from crawler.seeds.collection_text import read_collections, written
from djsite.browse.seeding import drafts
from djsite.browse.seeding.forms import SiteSeedForm, Values
from djsite.browse.seeding.starts import start_values
from djsite.browse.trials.taken import Taken, seed_of_trial, values_of_trial, with_taken
from djsite.desk.seeding.values import last_values

OF_RULES = ("rules", "collections", "include")


def values_for(request: HttpRequest, seed: Seed) -> Values:
    """What each collection's fields had last, or have on the page that was tried."""
    return last_values(seed) | values_of_trial(Taken.of(request.GET))


def begin(request: HttpRequest, seed: Seed) -> SiteSeedForm:
    """The form of a seed, new or not, as the address of the page says that it begins."""
    taken = Taken.of(request.GET)
    initial = _of_seed(request, seed, taken) if seed.pk else _of_nothing(request, seed, taken)
    return SiteSeedForm(instance=seed, initial=initial, user=request.user, values=values_for(request, seed))


def _of_nothing(request: HttpRequest, seed: Seed, taken: Taken) -> dict[str, Any]:
    """Of a new seed: what was written stays; of the try come its rules, and what was left empty."""
    tried = seed_of_trial(taken)
    earlier = _written(request, seed, taken, tried.get("start_urls", ""))
    if earlier is None:
        return start_values(request.GET.get("start", "")) | tried
    rules = {name: tried[name] for name in OF_RULES if tried.get(name)}
    empty = {name: value for name, value in tried.items() if earlier.get(name) in (None, "")}
    return earlier | empty | rules


def _of_seed(request: HttpRequest, seed: Seed, taken: Taken) -> dict[str, Any]:
    """Of a seed: as it is or was being written, with the collection that somebody took."""
    initial = _written(request, seed, taken, "") or {}
    try:
        present = [each.plain() for each in read_collections(str(initial["collections"]))]
    except (KeyError, ValueError):
        present = seed.collections
    seed.collections = with_taken(present, taken)
    if initial:
        initial["collections"] = written([Collection.of(each) for each in seed.collections])
    return initial


def _written(request: HttpRequest, seed: Seed, taken: Taken, address: str) -> dict[str, Any] | None:
    """What was written in the form before the page was tried."""
    boxes = drafts.kept(request, taken, address, seed.pk)
    if boxes is None:
        return None
    return drafts.as_initial(SiteSeedForm(boxes, instance=seed, user=request.user))
