"""What somebody took of a page that was tried, as the seed form begins with it.

The address of the form says it: ``try``, the key of a try or of a step of pointing; ``offer``, the number of
what was offered; and of a list with details ``item``, the key of the try of an item, and ``take``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from crawler.collections import PAGES, Collection
from crawler.seeds.collection_text import written
from crawler.seeds.field_lines import line_of_field
from djsite.desk.trials import details, pointing
from djsite.desk.trials import site as trials

NAME_LENGTH = 200


class Taken(NamedTuple):
    """What the address of a seed form says; texts that anybody may have written."""

    tried: str = ""
    offer: str = ""
    item: str = ""
    take: str = ""

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> Self:
        """What a query says."""
        return cls(*(str(query.get(name, "")) for name in QUERY))


QUERY = ("try", "offer", "item", "take")


def seed_of_trial(taken: Taken) -> dict[str, Any]:
    """What the seed form begins with: the page that was tried, and what was taken of it; else nothing."""
    if (chosen := _with_details(taken)) is not None:
        begun = details.written_seed(*chosen)
        both = list(map(Collection.of, begun["collections"]))
        return {**begun, "every": 1, "unit": "days", "collections": written(both)}
    try:
        here = pointing.answer(taken.tried) if taken.tried else None
        tried = trials.answer(here.tried if here else taken.tried) if taken.tried else None
    except LookupError:
        tried = here = None
    if tried is None:
        return {}
    collections = tried.collections
    if here and here.collection and here.collection.fields:
        collections = [here.collection]
    if (number := _number(taken.offer)) is not None and number < len(tried.trial.offered):
        collections = [Collection.of(tried.trial.offered[number].collection)]
    return _of_page(tried, collections)


def _of_page(tried: trials.Tried, collections: list[Collection]) -> dict[str, Any]:
    fields = [field for each in collections if each.name == PAGES for field in each.fields]
    others = [each for each in collections if each.name != PAGES]
    include = [pattern for each in others for pattern in each.pages]
    return {
        "name": (tried.trial.title or tried.trial.final_url)[:NAME_LENGTH],
        "start_urls": tried.trial.final_url,
        "allow_networks": "\n".join(tried.networks),
        "every": 1,
        "unit": "days",
        "include": "\n".join(include) if all(each.pages for each in collections) else "",
        "rules": "\n".join(map(line_of_field, fields)),
        "collections": written(others),
    }


def with_taken(collections: list[dict[str, Any]], taken: Taken) -> list[dict[str, Any]]:
    """A seed's collections, and those that somebody took: in place of those of the same names."""
    if (chosen := _with_details(taken)) is not None:
        new = [chosen[1].collections.of_list, chosen[1].collections.of_items]
    else:
        try:
            here = pointing.answer(taken.tried) if taken.tried else None
        except LookupError:
            here = None
        new = [here.collection] if here and here.collection and here.collection.fields else _offered(taken)
    names = {each.name for each in new}
    return [*(each for each in collections if each["name"] not in names), *(each.plain() for each in new)]


def _offered(taken: Taken) -> list[Collection]:
    """What the tried page offered, if somebody took it."""
    number = _number(taken.offer)
    try:
        tried = trials.answer(taken.tried) if number is not None else None
    except LookupError:
        tried = None
    if tried is None or number is None or number >= len(tried.trial.offered):
        return []
    return [Collection.of(tried.trial.offered[number].collection)]


def origin_of(taken: Taken) -> str:
    """The key of the try that pointing began with; of a try itself, that one's."""
    try:
        here = pointing.answer(taken.tried)
    except LookupError:
        here = None
    return here.tried if here else taken.tried


def values_of_trial(taken: Taken) -> dict[str, dict[str, Any]]:
    """What the tried page showed, by collection and field: a value of each."""
    try:
        tried = trials.answer(origin_of(taken)) if taken.tried else None
    except LookupError:
        tried = None
    if tried is None:
        return {}
    read = {each.name: each.values[0] for each in tried.trial.collections if each.values}
    offered = {str(each.collection["name"]): each.samples[0] for each in tried.trial.offered if each.samples}
    return offered | read


def _with_details(taken: Taken) -> tuple[details.Details, details.Choice] | None:
    """The list with details that was taken; None where it is none, or no longer known."""
    offer, take = _number(taken.offer), _number(taken.take)
    if not taken.item or offer is None or take is None:
        return None
    try:
        answer = details.answer(taken.tried, offer, taken.item)
    except LookupError:
        return None
    return (answer, answer.choices[take]) if answer is not None and take < len(answer.choices) else None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 4 else None
