"""The rows of one page of a large installation, as values by column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.models import Visit
from catalog.packing import pack_text
from crawler.collections import PAGES
from crawler.lanes import Lane, rank_of
from crawler.outcomes import Outcome
from crawler.rules.keys import Keys

OF_HOST, OF_BATCH = 10, 128  # pages
LENGTH = 5_000  # bytes of a version in its segment
VALUES = '{"headline": "An article about something", "price": "12.50 EUR", "author": "Somebody"}'
TEXT = pack_text("An article about something that people read once and then forget again. " * 30)
RANK = rank_of(Lane.NORMAL, 4)
KEYS = Keys()


@dataclass(frozen=True)
class Owner:
    """What the pages of a seed belong to, as keys."""

    seed: int
    rules: int
    runs: tuple[int, int]  # the first stored every page, the second met some of them again


@dataclass(frozen=True)
class PageRows:
    """One page's rows as values by column."""

    number: int
    owner: Owner
    host: int
    batch: int
    version: int
    second: int | None

    @property
    def _url(self) -> str:
        return f"http://host-{self.number // OF_HOST}.example/articles/page-{self.number}.html"

    def _at(self, begun: datetime) -> datetime:
        """When this page was fetched in a run: ten a second."""
        return begun + timedelta(milliseconds=self.number * 100 % 80_000_000)

    @property
    def _digest(self) -> str:
        return f"{self.number:064x}"

    def page_values(self, first: datetime, second: datetime) -> dict[str, Any]:
        first, second = self._at(first), self._at(second)
        return {
            "id": self.number,
            "seed_id": self.owner.seed,
            "host_id": self.host,
            "url": self._url,
            "fingerprint": KEYS.link(self._url).fingerprint,
            "first_stored_at": first,
            "last_fetched_at": second if self.number % 20 < 2 else first,
            "last_changed_at": second if self.second else first,
            "versions": 2 if self.second else 1,
            "etag": '"4e20-large"',
            "last_modified": "",
            "digest": self._digest,
            "rule_set_id": self.owner.rules,
            "text_signature": self.number,
            "latest_id": self.second or self.version,
            "gone_answers": 0,
        }

    def version_values(self, at: datetime, *, again: bool = False) -> dict[str, Any]:
        return {
            "id": self.second if again else self.version,
            "page_id": self.number,
            "run_id": self.owner.runs[again],
            "batch_id": self.batch,
            "offset": self.number % OF_BATCH * LENGTH,
            "length": LENGTH,
            "final_url": self._url,
            "status": 200,
            "content_type": "text/html",
            "encoding": "utf-8",
            "size": 4 * LENGTH,
            "digest": self._digest,
            "fetched_at": self._at(at),
            "title": f"Article {self.number} about something",
            "text_zstd": TEXT,
            "outlinks_zstd": b"",
        }

    def readings(self) -> Iterator[dict[str, Any]]:
        versions = [self.version, self.second] if self.number % 10 == 0 else [self.version]
        for version in versions:
            yield {
                "snapshot_id": version,
                "rule_set_id": self.owner.rules,
                "data": f'{{"{PAGES}": [{VALUES}]}}',
                "keys": "{}",
            }

    def record_values(self, first: datetime, second: datetime) -> dict[str, Any]:
        """Its values have been the same from the first version on."""
        page = self.page_values(first, second)
        return {
            "seed_id": self.owner.seed,
            "collection": PAGES,
            "key_hash": page["fingerprint"],
            "key": "[]",
            "page_id": self.number,
            "also_on": "[]",
            "position": 0,
            "values": VALUES,
            "problems": "{}",
            "snapshot_id": self.version,
            "rule_set_id": self.owner.rules,
            "first_seen_at": page["first_stored_at"],
            "last_seen_at": page["last_changed_at"],
            "last_changed_at": page["first_stored_at"],
        }

    def visits(self, first: datetime, second: datetime) -> Iterator[dict[str, Any]]:
        yield self._visit(0, first, Outcome.STORED)
        outcomes = {0: Outcome.STORED, 1: Outcome.UNCHANGED, 2: Outcome.FAILED}
        if outcome := outcomes.get(self.number % 20):
            yield self._visit(1, second, outcome)

    def _visit(self, run: int, at: datetime, outcome: Outcome) -> dict[str, Any]:
        failed = outcome == Outcome.FAILED
        return {
            "run_id": self.owner.runs[run],
            "host_id": self.host,
            "page_id": self.number,
            "snapshot_id": None if failed else self.version,
            "kind": 0,
            "url": self._url,
            "fingerprint": KEYS.link(self._url).fingerprint,
            "due_at": self._at(at),
            "depth": 3,
            "hops": 0,
            "attempts": 1,
            "state": Visit.State.DONE.value,
            "rank": RANK,
            "outcome": outcome.value,
            "reason": "http_500" if failed else None,
            "status": 500 if failed else 200,
            "content_type": "text/html",
            "location": "",
            "detail": "",
            "fetched_at": self._at(at),
            "elapsed_ms": 20,
            "text_signature": None if failed else self.number,
        }
