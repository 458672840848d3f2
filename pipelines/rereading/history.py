"""The life of one record, told from its sightings: what it is now, and the values that it had before. Pure.

The same rules as for the record of a run (:mod:`pipelines.store.records`): in a run, the first page that
shows a record is its home; when its home shows it no more, the next page that does is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from crawler.reading.record import Value, same
from pipelines.store.record_row import AND_OTHERS, MOST_PAGES


class Shown(msgspec.Struct, frozen=True):
    """A sighting."""

    snapshot: int
    page: int
    position: int
    key: list[str]
    values: Value
    problems: Value


class Version(msgspec.Struct, frozen=True):
    """A version that was read."""

    snapshot: int
    page: int
    run: int | None
    moment: datetime


class Earlier(msgspec.Struct, frozen=True):
    """Values that ended."""

    values: Value
    snapshot: int
    since: datetime
    until: datetime


class Life(msgspec.Struct):
    """Of one record. ``gone_at`` None: it is there."""

    home: Shown
    values: Shown  # whence the values were read when they came
    first_seen_at: datetime
    last_seen_at: datetime
    last_changed_at: datetime
    run: int | None
    also_on: list[int] = []
    gone_at: datetime | None = None
    earlier: list[Earlier] = []

    def take(self, shown: Shown, moment: datetime) -> None:
        """The values that it has now."""
        if not same(self.values.values, shown.values):
            self.earlier.append(
                Earlier(self.values.values, self.values.snapshot, self.last_changed_at, moment)
            )
            self.values, self.last_changed_at = shown, moment
        self.home = shown


def life_of(
    sightings: Sequence[Shown], versions: Mapping[int, Sequence[Version]], gone: Mapping[int, datetime]
) -> Life:
    """Tell it. ``versions`` are the read ones of each page; ``gone`` says when pages went."""
    at = {shown.snapshot: shown for shown in sightings}
    pages = {shown.page for shown in sightings}
    events = sorted((each for page in pages for each in versions[page]), key=lambda each: each.snapshot)
    life: Life | None = None
    on: dict[int, Shown] = {}
    for version in events:
        if (shown := at.get(version.snapshot)) is not None:
            life = _seen(life, shown, version, bool(on))
            on[version.page] = shown
        elif life is not None and on.pop(version.page, None) is not None and life.home.page == version.page:
            _leave(life, on.values(), version.moment)
    assert life is not None
    for page in [page for page in on if page in gone]:
        del on[page]
        if page == life.home.page:
            _leave(life, on.values(), gone[page])
    life.also_on = [page for page in on if page != life.home.page]
    if len(life.also_on) > MOST_PAGES:
        life.also_on = [*life.also_on[:MOST_PAGES], AND_OTHERS]
    return life


def _seen(life: Life | None, shown: Shown, version: Version, there: bool) -> Life:
    moment = version.moment
    if life is None:
        return Life(shown, shown, moment, moment, moment, version.run)
    if there and shown.page != life.home.page and version.run is not None and version.run == life.run:
        return life
    life.gone_at = None
    life.run, life.last_seen_at = version.run, max(life.last_seen_at, moment)
    life.take(shown, moment)
    return life


def _leave(life: Life, others: Iterable[Shown], moment: datetime) -> None:
    """To the next page that shows it, with that page's values, or it is gone."""
    following = next(iter(others), None)
    if following is None:
        life.gone_at = moment
    else:
        life.take(following, moment)
