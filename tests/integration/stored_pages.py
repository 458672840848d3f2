"""Pages as batches of runs store them, with the records that each shows; without fetching and parsing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from catalog.models import Batch, Run, Seed, Visit
from catalog.packing import pack_text
from crawler.reading.record import ReadRecord
from crawler.requests.exchange import FetchResult
from pipelines import archive
from pipelines.frontier import batches
from pipelines.handover import Fetched, Parsed
from pipelines.store import store_batch
from tests.factories import NOW, make_seed, new_fetched, open_run

SITE = "http://shop.example"
PRODUCTS = {
    "name": "products",
    "items": {"css": "li"},
    "key": ["sku"],
    "fields": [{"name": name, "css": name} for name in ("sku", "title", "price")],
}


Shown = list[ReadRecord] | int | str
"""What a page shows; or the status or the verdict of an answer that is no page."""


class StoredShop:
    """A seed of some pages; each call of :meth:`run` is a run that got these pages, a day after the last."""

    def __init__(self, *names: str, **values: Any) -> None:
        urls = "\n".join(f"{SITE}/{name}" for name in names)
        shop = {"start_urls": urls, "scope": "page", "fields": [], "collections": [PRODUCTS]}
        self.seed: Seed = make_seed("Shop", **(shop | values))
        self.day = 0

    @property
    def now(self) -> datetime:
        return NOW + timedelta(days=self.day)

    def change(self, *names: str, **values: Any) -> None:
        """Change the seed: its pages by name, or its columns."""
        columns = {"start_urls": "\n".join(f"{SITE}/{name}" for name in names)} if names else {}
        for name, value in (columns | values).items():
            setattr(self.seed, name, value)
        self.seed.save()

    def run(self, **shown: Shown) -> Run:
        """By name, what each page of the seed shows now."""
        batch = self.batch(**shown)
        store_batch(batch.pk, self.now)
        return Run.objects.latest("pk")

    def batch(self, **shown: Shown) -> Batch:
        """The same as a batch that is parsed and not stored yet."""
        self.day += 1
        run = open_run(self.seed, at=self.now)
        folder = archive.new_folder(self.now)
        segment = archive.SegmentWriter()
        fetched, parsed = [], []
        for visit in Visit.objects.filter(run=run).order_by("pk"):
            what = shown.get(visit.url.rpartition("/")[2], [])
            answer, read = self._answer(visit, what, segment)
            fetched.append(answer)
            parsed += [read] if read else []
        archive.write_object(folder, archive.SEGMENT, segment.bytes())
        archive.write_object(folder, archive.FETCHED, archive.dump(fetched))
        archive.write_object(folder, archive.PARSED, archive.dump(parsed))
        ids = [each.visit_id for each in fetched]
        batch = batches.hand_over(batches.HandOver(folder, run.rank, segment.size, ids, 60), self.now)
        assert batch is not None
        Batch.objects.filter(pk=batch.pk).update(state=Batch.State.PARSED)
        return batch

    def _answer(
        self, visit: Visit, what: Shown, segment: archive.SegmentWriter
    ) -> tuple[Fetched, Parsed | None]:
        at = self.now.timestamp()
        if isinstance(what, int):
            return new_fetched(visit, status=what, reason=f"http_{what}", fetched_at=at), None
        if isinstance(what, str):
            place = {"offset": 0, "length": 1, "digest": "x", "fetched_at": at}
            return new_fetched(visit, **place), Parsed(visit_id=visit.pk, reason=what, verdict=what)
        body = msgspec.json.encode([each.values for each in what])
        offset, length = segment.add(FetchResult(url=visit.url, status=200, body=body), self.now)
        digest = archive.content_digest(body)
        place = {"offset": offset, "length": length, "size": len(body), "digest": digest, "fetched_at": at}
        title = " ".join(each.values["title"] for each in what) or "Nothing"
        read = Parsed(visit_id=visit.pk, title=title, text_zstd=pack_text(title), records=tuple(what))
        return new_fetched(visit, **place), read


def product(sku: str, price: Any = 1, title: str = "", **values: Any) -> ReadRecord:
    """A record of :data:`PRODUCTS`."""
    shown = {"sku": sku, "title": title or sku.title(), "price": price, **values}
    return ReadRecord(collection="products", key=(sku,), values=shown)
