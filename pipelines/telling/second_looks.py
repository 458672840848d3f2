"""Second looks: a page is looked at once more, some minutes later, before people are told of a change.

Events of one page wait together. The look is a recrawl in the lane of the seed, or any run that gets the page
after the look has come due. What it saw is judged in :mod:`pipelines.telling.second_verdicts`. A look that
does not get the page is made again, later and later; what cannot be looked at is told all the same.

A page is gone only after two answers or a whole run have said so (see docs/decisions), so that needs no
further look: to ask for a page that no other leads to would bring it back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from catalog.models import Event, Page, Record, Run, SecondLook, Seed, Visit
from catalog.models.run import SECOND_LOOK
from crawler.lanes import Lane, lane_of
from crawler.outcomes import Outcome
from pipelines.runs import create_recrawl, recrawl_orders
from pipelines.runs.recrawl_orders import Order
from pipelines.telling.second_verdicts import NOT_POSSIBLE, confirm, judge, needs_comparing

SLICE = 100  # looks that a transaction settles
MOST_PAGES = 500  # of a recrawl, so that it is opened at once
MOST_PUT_OFF = 3  # so many times its wait, and a look is put off no more by later events
MOST_TRIES = 3
PATIENCE = timedelta(hours=6)  # since its first event; then people are told without a look

Key = tuple[int, int]  # seed id, page id
State = Event.State
COMPARED = (SecondLook.State.AS_BEFORE, SecondLook.State.OTHER)
GOT = (SecondLook.State.GOT, *COMPARED)


def await_second_look(events: Sequence[Event], now: datetime) -> None:
    """Have the pages of these events looked at again before people are told of them.

    Sets their state to AWAITED, in the caller's transaction; to CONFIRMED if no further look is needed: their
    seed wants none, they are of no page, or their page is gone.
    """
    pages = _pages_of(events)
    seeds = Seed.objects.filter(pk__in={event.seed_id for event in events})
    waits = dict(seeds.values_list("pk", "second_look_minutes"))
    by_page: dict[Key, list[Event]] = defaultdict(list)
    for event in events:
        page_id = pages.get(event.pk)
        event.state = State.AWAITED if page_id and waits.get(event.seed_id) else State.CONFIRMED
        if page_id and event.state == State.AWAITED:
            by_page[event.seed_id, page_id].append(event)
    for state in (State.AWAITED, State.CONFIRMED):
        Event.objects.filter(pk__in=[each.pk for each in events if each.state == state]).update(state=state)
    _wait(by_page, waits, now)


def _pages_of(events: Sequence[Event]) -> dict[int, int]:
    """By event, the page that can tell; none for what is of no page, or of one that is gone."""
    records = {each.record_id for each in events if each.record_id and not each.page_id}
    homes = dict(Record.objects.filter(pk__in=records).values_list("pk", "page"))
    pages = {each.pk: each.page_id or homes.get(each.record_id or 0, 0) for each in events}
    there = set(Page.objects.filter(pk__in=set(pages.values()), gone_at=None).values_list("pk", flat=True))
    return {pk: page_id for pk, page_id in pages.items() if page_id in there}


def _wait(by_page: dict[Key, list[Event]], waits: dict[int, int | None], now: datetime) -> None:
    """Make the second looks of pages, or extend those that wait; one that is being settled is left alone."""
    of_pages = Q(seed__in={seed_id for seed_id, _ in by_page}, page_id__in={page for _, page in by_page})
    waiting = SecondLook.objects.select_for_update(skip_locked=True).filter(
        of_pages, state=SecondLook.State.WAITING
    )
    looks = {(look.seed_id, look.page_id): look for look in waiting.order_by("-pk")}
    for (seed_id, page_id), events in sorted(by_page.items()):
        wait = timedelta(minutes=waits[seed_id] or 0)
        look = looks.get((seed_id, page_id)) or SecondLook(seed_id=seed_id, page_id=page_id, since=now)
        look.due_at = min(now + wait, look.since + MOST_PUT_OFF * wait)
        look.events = sorted({*look.events, *(event.pk for event in events)})
        look.save()


def ask_second_looks(now: datetime) -> dict[Lane, set[int]]:
    """Open recrawls for the looks that are due, a run a seed; returns the hosts with work, by lane."""
    due = SecondLook.objects.filter(state=SecondLook.State.WAITING, due_at__lte=now, seed__deleted_at=None)
    wake: dict[Lane, set[int]] = defaultdict(set)
    for seed in Seed.objects.filter(pk__in=due.values("seed")).order_by("pk"):
        with transaction.atomic():
            of_seed = due.filter(seed=seed).order_by("due_at", "pk").values_list("pk", flat=True)
            looks = (
                due.filter(pk__in=list(of_seed[:MOST_PAGES])).select_for_update(of=("self",)).order_by("pk")
            )
            if run := _ask(seed, list(looks), now):
                wake[lane_of(run.rank)] |= recrawl_orders.open_ordered(run, now)
    return wake


def _ask(seed: Seed, looks: Sequence[SecondLook], now: datetime) -> Run | None:
    """The due recrawl of these pages, by the URLs that gave their latest versions; None if there is none."""
    pages = Page.objects.filter(pk__in={look.page_id for look in looks}).order_by("pk")
    urls = [final or url for url, final in pages.values_list("url", "latest__final_url")]
    if not urls:
        return None
    run = create_recrawl(seed, Order(urls=tuple(dict.fromkeys(urls))), now, reason=SECOND_LOOK)
    asked = SecondLook.objects.filter(pk__in=[look.pk for look in looks])
    asked.update(state=SecondLook.State.ASKED, run_id=run.pk)
    return run


def settle_second_looks(now: datetime) -> int:
    """Confirm or withdraw the events whose pages were looked at again; returns how many looks are over."""
    after = over = 0
    while True:
        with transaction.atomic():
            due = SecondLook.objects.filter(due_at__lte=now, pk__gt=after, seed__deleted_at=None)
            locked = due.select_for_update(of=("self",)).select_related("seed").order_by("pk")
            if not (looks := list(locked[:SLICE])):
                return over
            over += _settle(looks, now)
        after = looks[-1].pk


def _settle(looks: Sequence[SecondLook], now: datetime) -> int:
    pages = Page.objects.select_related("latest").in_bulk([look.page_id for look in looks])
    made = _looks_made(looks)
    live = set(Run.objects.live().filter(pk__in=[look.run_id for look in looks]).values_list("pk", flat=True))
    over = []
    for look in looks:
        page = pages.get(look.page_id)
        if page is not None and (look.state in GOT or look.pk in made or _seen_since(page, look)):
            if _waits_for_comparison(look, page, now):
                continue
            judge(look, page)
        elif page is None or look.since + PATIENCE <= now or _gives_up(look, live, now):
            confirm(look, NOT_POSSIBLE)
        else:
            continue
        over.append(look.pk)
    SecondLook.objects.filter(pk__in=over).delete()
    return len(over)


def _waits_for_comparison(look: SecondLook, page: Page, now: datetime) -> bool:
    """Whether it is still to be said if content is as before (:mod:`pipelines.telling.second_contents`)."""
    if look.state in COMPARED or look.since + PATIENCE <= now:
        return False
    if look.state != SecondLook.State.GOT:
        if not needs_comparing(look, page):
            return False
        look.state = SecondLook.State.GOT
        look.save(update_fields=["state"])
    return True


def _looks_made(looks: Iterable[SecondLook]) -> set[int]:
    """The looks whose own recrawl has got the page."""
    asked = {(look.run_id, look.page_id): look.pk for look in looks if look.run_id}
    runs, pages = {run for run, _ in asked}, {page for _, page in asked}
    got = Visit.objects.filter(run__in=runs, page__in=pages, outcome__in=[Outcome.STORED, Outcome.UNCHANGED])
    return {asked[pair] for pair in got.values_list("run", "page") if pair in asked}


def _seen_since(page: Page, look: SecondLook) -> bool:
    """Whether any run has got the page since the look was due, or has found it gone."""
    return max(page.last_fetched_at, page.gone_at or page.last_fetched_at) >= look.due_at


def _gives_up(look: SecondLook, live: set[int], now: datetime) -> bool:
    """Whether no further look is made; else one whose recrawl is over without its page waits again."""
    if look.state == SecondLook.State.WAITING or look.run_id in live:
        return False
    look.tries += 1
    if look.tries >= MOST_TRIES:
        return True
    minutes = look.seed.second_look_minutes or 1
    look.state, look.run_id = SecondLook.State.WAITING, None
    look.due_at = now + timedelta(minutes=minutes) * 2**look.tries
    look.save(update_fields=["state", "run_id", "tries", "due_at"])
    return False
