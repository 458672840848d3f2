"""Pages that a site refuses: it blocks us, or a login that had opened them has expired.

Answers that a verdict calls so are told as they are stored; whether many 403 and 429 are a block can only be
said when the run has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, Q

from catalog.models import Event, Run, Visit
from crawler.outcomes import Outcome, Reason, http_reason
from crawler.rules.urls import origin_of
from pipelines.events.outages import Outage, Outages
from pipelines.handover import Fetched

REFUSED = tuple(map(http_reason, (403, 429)))
MANY = 5  # refused answers of a host that also gave pages
_PORTS = {"http": ":80", "https": ":443"}
LOGIN = Outage(Event.Kind.LOGIN_EXPIRED)
_GOT = Q(outcome__in=[Outcome.STORED, Outcome.UNCHANGED])


def block(origin: str) -> Outage:
    """A host that blocks us, by its origin as people write it."""
    scheme, _, host = origin.partition("://")
    return Outage(Event.Kind.HOST_BLOCKED, subject=f"{scheme}://{host.removesuffix(_PORTS[scheme])}")


class Refusals:
    """What the answers of a batch say of blocks and logins."""

    def __init__(self) -> None:
        self._met: dict[Run, dict[Outage, tuple[str, str]]] = {}  # by run: a sentence and a URL

    def note(self, run: Run, fetched: Fetched, reason: str | None, *, known: bool) -> None:
        """Keep an answer that is no page. A login says something only where a page was before."""
        if reason == Reason.BLOCK_PAGE:
            self._keep(run, block(origin_of(fetched.url)), fetched, "It answered with a block page.")
        elif reason == Reason.LOGIN_PAGE and known:
            self._keep(run, LOGIN, fetched, "A login is asked for where a page was.")

    def _keep(self, run: Run, outage: Outage, fetched: Fetched, words: str) -> None:
        detail = f"{words} {fetched.detail}".strip()
        self._met.setdefault(run, {}).setdefault(outage, (detail, fetched.url))

    def write(self, now: datetime) -> int:
        """Write the events; how many. The runs are locked."""
        return sum(_write(run, met, now) for run, met in self._met.items())


def _write(run: Run, met: Mapping[Outage, tuple[str, str]], now: datetime) -> int:
    outages = Outages(run.seed_id, run.pk, now)
    for outage, (detail, url) in met.items():
        outages.begin(outage, detail, url)
    return outages.write()


def judge_refusals(run: Run, outages: Outages) -> None:
    """When a run has ended: what it met is out, and what it met no more is well again."""
    hosts = _hosts(run)
    for outage, (blocks, refused, got) in hosts.items():
        if blocks or _refuses(refused, got):
            outages.begin(outage, _why(blocks, refused, got))
        elif got:
            outages.end(outage)
    login = Visit.objects.filter(run=run, state=Visit.State.DONE, reason=Reason.LOGIN_PAGE)
    if LOGIN in outages.open and run.stored + run.unchanged and not login.exists():
        outages.end(LOGIN)


def _why(blocks: int, refused: int, got: int) -> str:
    """A block page is told as it is stored; here, if that was over before the run was."""
    if blocks:
        return f"{blocks} of {blocks + refused + got} answers were block pages."
    return f"{refused} of {refused + got} answers were 403 or 429."


def _refuses(refused: int, got: int) -> bool:
    """Whether a host refuses us: all that it was asked for, or most of it. Some pages are private."""
    return refused > 0 and (not got or (refused >= MANY and refused > got))


def _hosts(run: Run) -> dict[Outage, list[int]]:
    """By the block that it would be: block pages, refused answers and pages that a run got."""
    visits = Visit.objects.filter(run=run, state=Visit.State.DONE).values("host__origin").order_by()
    counts = visits.annotate(
        blocks=Count("pk", filter=Q(reason=Reason.BLOCK_PAGE)),
        refused=Count("pk", filter=Q(reason__in=REFUSED)),
        got=Count("pk", filter=_GOT),
    )
    return {
        block(origin): row for origin, *row in counts.values_list("host__origin", "blocks", "refused", "got")
    }
