"""Pointing for the site: a worker reads the tried page again, and the result of its task is the answer.

The collection so far is in that result, so each step has a key of its own, and *back* in a browser goes back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from crawler.collections import Collection, Field, Rule
from crawler.seeds.collection_text import read_collections, written
from djsite.desk.trials.site import FAULT
from pipelines.trying.pointed import Pointed, Steps
from scheduler import dispatch, results

__all__ = ["At", "Steps", "answer", "begin", "next_steps"]


class At(NamedTuple):
    """Where somebody is: what the last step gave, and the try that it began with."""

    tried: str
    pointed: Pointed

    @property
    def collection(self) -> Collection | None:
        """The collection so far."""
        plain = self.pointed.pointing.collection
        return Collection.of(plain) if plain else None


def begin(tried: str, steps: Steps = Steps()) -> str | None:  # noqa: B008 - it is frozen
    """Have a worker take a step on a page that was tried; its key, or None when no worker can be asked."""
    return dispatch.point_at(tried, msgspec.to_builtins(steps))


def answer(key: str) -> At | None:
    """What a step gave; None while there is none. Raises LookupError when the worker failed."""
    try:
        result = results.result_of(key, "point_at")
    except LookupError as error:
        raise LookupError(FAULT) from error
    return At(result["tried"], msgspec.convert(result["pointed"], Pointed)) if result else None


def next_steps(here: At, given: dict[str, str]) -> Steps:
    """What comes next, as a link or a form of the page says. ValueError with a sentence for a bad name."""
    pointing = here.pointed.pointing
    at = int(given["at"]) if given.get("at", "").isdecimal() and len(given["at"]) < 8 else pointing.at
    collection = _changed(here.collection, given)
    if collection is not None and collection.fields:
        read_collections(written([collection]))
    plain: dict[str, Any] | None = collection.plain() if collection else None
    return Steps(collection=plain, at=None if "drop" in given else at, fill="fill" in given)


def _changed(collection: Collection | None, given: dict[str, str]) -> Collection | None:
    """The collection with items, with a field more or less, with a key, or begun anew."""
    if "anew" in given:
        return None
    if items := given.get("items", ""):
        return Collection(name=given.get("name") or "items", fields=(), items=Rule("css", items))
    if rule := given.get("field", ""):
        field = Field(
            name=given.get("name", ""), rules=(Rule("css", rule),), type=given.get("type") or "text"
        )
        begun = collection or Collection(name="records", fields=())
        return msgspec.structs.replace(begun, fields=(*begun.fields, field))
    if collection is not None and (name := given.get("drop", "")):
        fields = tuple(field for field in collection.fields if field.name != name)
        key = tuple(each for each in collection.key if each != name)
        return msgspec.structs.replace(collection, fields=fields, key=key)
    if collection is not None and (name := given.get("key", "")):
        key = tuple(each for each in collection.key if each != name)
        return msgspec.structs.replace(collection, key=key if name in collection.key else (*key, name))
    return collection
