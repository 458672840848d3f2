"""What an outlet sends, as one text: the number of a seed, and maybe the filters of a list of its data.

``3`` is all of seed 3, ``3?collection=teas&price.lt=20`` a list of it. A list is kept without its seed, which
is a column of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec

from catalog.models import Outlet, Seed
from djsite.desk.data.listing import read_list
from djsite.desk.data.words import list_words
from djsite.desk.events.kept import RECORDS, kept_views


class Wanted(NamedTuple):
    """A seed, and the filters of a list of its data; empty for all of it."""

    seed: Seed
    query: str


def wanted_of(text: str) -> Wanted:
    """What a text asks for. ValueError, with a sentence, if there is no such seed."""
    number, _, query = text.partition("?")
    known = number.isascii() and number.isdigit() and len(number) < 19
    seed = Seed.objects.alive().filter(pk=int(number)).first() if known else None
    if seed is None:
        raise ValueError("Choose the seed whose data are sent.")
    return Wanted(seed, query)


def text_of(outlet: Outlet) -> str:
    """What an outlet sends; empty while no seed is chosen."""
    if outlet.seed_id is None:
        return ""
    return f"{outlet.seed_id}?{outlet.query}" if outlet.query else str(outlet.seed_id)


def tidy(query: str, now: datetime) -> str:
    """The filters of a list as an outlet keeps them: in one order, without the seed."""
    return msgspec.structs.replace(read_list(query, now)[0], seed=None).query


def text_of_list(query: str, now: datetime) -> str:
    """A list of data by its address, which names its seed."""
    seed, rest = read_list(query, now)[0].seed, tidy(query, now)
    return f"{seed or ''}{f'?{rest}' if rest else ''}"


def words_of(wanted: Wanted, now: datetime) -> str:
    """It in words: the seed's name, and what narrows it."""
    narrowed = list_words(read_list(wanted.query, now)[0], "") if wanted.query else []
    return f"{wanted.seed.name}: {', '.join(narrowed)}" if narrowed else wanted.seed.name


def kept_lists(now: datetime) -> list[tuple[str, str]]:
    """The views of data that people keep: what each asks for, and its name."""
    texts = ((text_of_list(view.query, now), view.name) for view in kept_views(RECORDS))
    return [(text, name) for text, name in texts if text]
