"""A page gets a version when its content has changed: from a fetch's answer to the rows, run after run."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.models import Batch, NoiseBlock, Page, Reading, Run, Seed, Snapshot, Visit
from crawler.outcomes import Outcome
from crawler.requests.exchange import FetchResult
from crawler.rules.keys import Keys
from pipelines import archive
from pipelines.fetch.contexts import Contexts
from pipelines.fetch.groups import Answer, Group, Groups
from pipelines.fetch.host_window import HostWindow
from pipelines.frontier.batches import HandOver, hand_over
from pipelines.frontier.window import Due
from pipelines.parse import parse_batch
from pipelines.store import store_batch
from tests.factories import NOW, make_seed, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]

URL = "http://shop.example/tea/1"
HOUR = timedelta(hours=1)


def page(
    name: str = "Assam", *, price: str = "12.50", token: str = "t1", seen: int = 1, more: str = ""
) -> str:
    return (
        f"<title>{name}</title><h1>{name}</h1><i class=price data-price={price}>a price</i>"
        f"<input type=hidden value={token}><p class=seen>Seen by {seen}</p>{more}"
    )


class Site:
    """A seed of one page, looked at again and again: each answer goes the whole path."""

    def __init__(self, **values: Any) -> None:
        fields = [{"name": "price", "css": ".price::attr(data-price)"}]
        self.seed = make_seed(**({"start_urls": URL, "fields": fields, "scope": "page"} | values))
        self.looks = 0

    def look(self, markup: str, *headers: tuple[str, str]) -> tuple[str, str | None]:
        """The outcome and the reason of a visit that gets this answer."""
        run = self._open()
        visit = Visit.objects.get(run=run)
        self._store(self._fetched(visit, markup, headers), run, visit)
        visit.refresh_from_db()
        return Outcome(visit.outcome or 0).label, visit.reason

    def change(self, **values: Any) -> None:
        """Somebody changes the seed."""
        Seed.objects.filter(pk=self.seed.pk).update(**values)
        self.seed.refresh_from_db()

    @property
    def page(self) -> Page:
        return Page.objects.get(url=URL)

    def _open(self) -> Run:
        self.looks += 1
        return open_run(self.seed, at=self._now)

    @property
    def _now(self) -> datetime:
        return NOW + self.looks * HOUR

    def _fetched(self, visit: Visit, markup: str, headers: tuple[tuple[str, str], ...]) -> Group:
        due = Due(*(getattr(visit, name) for name in Due._fields))
        last = Contexts().last_versions([due]).get(due.id)
        result = FetchResult(
            url=due.url,
            status=200,
            headers=(("content-type", "text/html"), *headers),
            body=markup.encode(),
            started_at=self._now.timestamp(),
        )
        return asyncio.run(_grouped(due, Answer(result, last)))

    def _store(self, group: Group, run: Run, visit: Visit) -> None:
        folder = archive.new_folder(self._now)
        if group.bodies:
            archive.write_object(folder, archive.SEGMENT, group.segment.bytes())
            archive.write_bodies(folder, group.bodies)
        archive.write_object(folder, archive.FETCHED, archive.dump(group.fetched))
        batch = hand_over(HandOver(folder, run.rank, group.segment.size, [visit.pk], 60), self._now)
        assert batch is not None
        parse_batch(batch.pk, self._now)
        store_batch(batch.pk, self._now)


async def _grouped(due: Due, answer: Answer) -> Group:
    groups: list[Group] = []

    async def deliver(group: Group) -> None:
        groups.append(group)

    collected = Groups(deliver)
    collected.add(HostWindow(), due, answer)
    async for _ in collected.drained():
        pass
    return groups[0]


def test_a_token_makes_no_version_and_nothing_is_kept_of_it() -> None:
    site = Site()
    assert site.look(page()) == ("stored", None)
    assert site.look(page(token="t2"), ("etag", '"2"')) == ("unchanged", "markup_only")
    assert (Snapshot.objects.count(), Reading.objects.count(), Batch.objects.count()) == (1, 1, 1)
    known = site.page
    assert (known.versions, known.etag, known.last_changed_at) == (1, '"2"', known.first_stored_at)
    assert known.last_fetched_at > known.last_changed_at
    assert site.look(page(token="t2")) == ("unchanged", None)  # these bytes are known now


def test_a_sentence_and_a_value_that_nobody_sees_make_a_version() -> None:
    site = Site()
    site.look(page())
    assert site.look(page("Ceylon")) == ("stored", None)
    assert site.look(page("Ceylon", price="9.90")) == ("stored", None)
    assert site.page.versions == 3


def test_what_a_seed_calls_noise_makes_no_version() -> None:
    site = Site(noise="css: .seen")
    site.look(page())
    assert site.look(page(seen=2)) == ("unchanged", "noise_only")
    assert site.look(page(seen=2, token="t2")) == ("unchanged", "noise_only")
    assert site.look(page("Ceylon")) == ("stored", None)


def test_a_seed_that_calls_something_noise_gets_no_false_version() -> None:
    site = Site()
    site.look(page())
    site.change(noise="css: .seen")
    assert site.look(page(seen=2)) == ("unchanged", "noise_only")
    assert site.page.noise != 0
    site.change(noise="")
    assert site.look(page(token="t2")) == ("unchanged", "markup_only")
    assert site.look(page(seen=3)) == ("stored", None)


def test_blocks_that_were_learned_are_left_out_of_pages_of_their_template() -> None:
    site = Site()
    site.look(page())
    template = Keys.of(site.seed.policy()).template("http://shop.example/tea/2")
    block = NoiseBlock(seed=site.seed, template=template, example_url=URL, selector=".seen")
    block.state = NoiseBlock.State.LEFT_OUT
    block.save()
    assert site.look(page(seen=2)) == ("unchanged", "noise_only")
    site.change(learn_noise=False)
    assert site.look(page(seen=3)) == ("stored", None)
    site.change(learn_noise=True)
    NoiseBlock.objects.update(state=NoiseBlock.State.COUNTS)
    assert site.look(page(seen=4)) == ("stored", None)


def test_a_seed_may_ask_for_its_fields_alone() -> None:
    site = Site(change_means="fields")
    site.look(page())
    assert site.look(page("Ceylon")) == ("unchanged", "same_values")
    assert site.look(page(price="9.90")) == ("stored", None)
    assert site.look("<p>no values") == ("stored", None)
    assert site.look("<p>none at all") == ("stored", None)  # without values, the content counts


def test_a_seed_may_ask_for_every_byte() -> None:
    site = Site(change_means="bytes")
    site.look(page())
    assert site.look(page(token="t2")) == ("stored", None)
    assert site.look(page(token="t2")) == ("unchanged", None)


def test_other_rules_read_the_same_content_and_make_no_version() -> None:
    site = Site()
    site.look(page())
    site.change(fields=[{"name": "name", "css": "h1"}])
    assert site.look(page(token="t2")) == ("unchanged", "markup_only")
    read = Reading.objects.get(rule_set=site.page.rule_set)
    assert (read.data, Reading.objects.count()) == ({"pages": [{"name": "Assam"}]}, 2)
    assert site.look(page(token="t3", price="9.90")) == ("unchanged", "markup_only")  # nobody asks for it now
    assert site.look(page("Ceylon")) == ("stored", None)


def test_a_page_of_release_0_1_gets_no_false_version() -> None:
    site = Site()
    site.look(page())
    Page.objects.update(content=None, values_signature=None)
    assert site.look(page(token="t2")) == ("unchanged", "markup_only")
    assert None not in (site.page.content, site.page.values_signature)


def test_links_that_the_stored_version_lacks_are_fetched_again() -> None:
    site = Site(scope="host", max_depth=5)
    menu = "<nav><a href=/tea/{}>t</a></nav>"
    site.look(page(more=menu.format(1)), ("etag", '"1"'))
    assert site.look(page(more=menu.format(1), token="t2"), ("etag", '"2"')) == ("unchanged", "markup_only")
    assert site.page.etag == '"2"'
    assert site.look(page(more=menu.format(2)), ("etag", '"3"')) == ("unchanged", "markup_only")
    assert site.page.etag == '"2"'  # a 304 would hide the link to /tea/2 from the runs to come
    assert Visit.objects.filter(url__endswith="/tea/2").exists()
