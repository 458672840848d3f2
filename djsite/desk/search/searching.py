"""Search by the names that people use: of seeds, tags and hosts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from catalog.models import Host, Seed
from djsite.desk.read.seeds import tags_in_use
from pipelines.data import operands
from pipelines.data.record_list import Condition, RecordList
from pipelines.search.lookup import SIZE, Hit, Hits, PageSearch, Ranked, look_up
from pipelines.search.progress import Progress, progress
from pipelines.search.snippets import Piece

__all__ = ["Asked", "Hit", "Hits", "Piece", "Progress", "Ranked", "progress", "read_conditions", "search"]


class Asked(NamedTuple):
    """What somebody asks for; empty asks for nothing."""

    text: str
    seed: int | None = None
    tag: str = ""
    host: str = ""  # a name, or with scheme and port
    changed_since: str = ""  # 24h, 7d or a date
    there: bool = False  # only pages that are not gone
    conditions: tuple[Condition, ...] = ()  # which a record of the page meets


def search(asked: Asked, now: datetime, cursor: str = "", size: int = SIZE) -> Hits:
    """The part after ``cursor``. Raises ValueError, with a half sentence, for a time that is none."""
    wanted = PageSearch(
        asked.text,
        seeds=_seeds(asked),
        hosts=_hosts(asked.host) if asked.host else None,
        changed_since=operands.since(asked.changed_since, now) if asked.changed_since else None,
        there=asked.there,
        records=RecordList(conditions=asked.conditions) if asked.conditions else None,
    )
    return look_up(wanted, now, cursor, size)


def read_conditions(texts: Sequence[str], now: datetime) -> tuple[Condition, ...]:
    """Conditions as ``price.lt=20``. Raises ValueError, with a sentence, for what is none."""
    pairs = [text.partition("=")[::2] for text in texts]
    strange = next((text for text, (name, _) in zip(texts, pairs, strict=True) if "." not in name), None)
    if strange is not None:
        raise ValueError(f"“{strange}” is no condition; write one such as price.lt=20 or name.contains=tea.")
    wanted, problems = RecordList.of_query(urlencode(pairs), now)
    if problems:
        raise ValueError(problems[0].sentence)
    return wanted.conditions


def _seeds(asked: Asked) -> list[int] | None:
    """The seeds that are asked for; None for all."""
    if not asked.seed and not asked.tag:
        return None
    seeds = Seed.objects.alive()
    if asked.seed:
        seeds = seeds.filter(pk=asked.seed)
    if asked.tag:
        seeds = seeds.filter(pk__in=tags_in_use().get(asked.tag, []))
    return list(seeds.values_list("pk", flat=True))


def _hosts(name: str) -> list[int]:
    """The hosts of a name, with its usual ports, or the one of an origin."""
    name = name.replace("\0", "").strip().lower().rstrip("/")
    known = Host.objects.filter(origin__in=_origins(name))
    return list(known.values_list("pk", flat=True))


def _origins(name: str) -> list[str]:
    scheme, given, rest = name.rpartition("://")
    rest = rest.partition("/")[0]
    ports = {"http": 80, "https": 443}
    schemes = [scheme] if given else list(ports)
    has_port = rest.rpartition(":")[2].isdecimal()
    return [f"{each}://{rest}" + ("" if has_port else f":{ports.get(each, 0)}") for each in schemes]
