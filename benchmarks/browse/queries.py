"""What people and programs ask lists for besides their first slice: every filter and every order."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from catalog.models import Page, Run, Seed


class Examples(NamedTuple):
    """Of the largest seed: what stands in addresses."""

    seed: str  # as a parameter
    run: int  # that stored most
    paused: int  # run in which pages wait
    url: str
    host: str
    last: str  # when a page changed last
    then: str  # before most pages changed


@cache
def examples() -> Examples:
    """The examples of the database, looked up once."""
    page = Page.objects.order_by("pk")[1]
    return Examples(
        seed=f"seed={Seed.objects.order_by('pk')[0].pk}",
        run=Run.objects.order_by("-stored")[0].pk,
        paused=Run.objects.filter(state=Run.State.PAUSED).order_by("pk")[0].pk,
        url=page.url,
        host=page.url.partition("/articles")[0],
        last=_in_address(page.last_changed_at),
        then=_in_address(page.first_stored_at + timedelta(hours=23)),
    )


def _in_address(moment: datetime) -> str:
    return moment.isoformat().replace("+", "%2B")


def site_queries(of: Examples) -> dict[str, list[str]]:
    """By the name of the route."""
    return {
        "seeds": ["text=site+1", "state=off", "tag=none"],
        "seed-new": ["start=shop", f"copy={of.seed.removeprefix('seed=')}"],
        "runs": ["state=finished", "state=missed", of.seed, "kind=recrawl", "state=finished&kind=scheduled"],
        "run": [
            *("outcome=stored", "outcome=failed", "outcome=waiting", "reason=http_500", "reason=no"),
            *(f"text={of.url}", "text=no-such-text", "outcome=stored&text=page-77"),
        ],
        "pages": _pages(of),
        "page": [f"as_of={of.then}"],
        "record": [f"as_of={of.then}"],
        "explain": _explained(of),
        "changes": _changes(of),
        "changes-file": [f"{of.seed}&since=24"],
        "search": ["text=article", "text=something+-once", f"text=article&{of.seed}", "text=no-such-word"],
        "hosts": [
            *("text=host-77", "text=no-such-host"),
            *(f"run={of.run}", f"run={of.paused}", f"run={of.run}&text=no-such-host"),
            *(f"shown={shown}" for shown in ("trouble", "breaker", "slowed", "robots", "failing")),
            *("shown=leased", "shown=queued"),
        ],
        "records": _records(of),
        "records-file": [of.seed, f"{of.seed}&sort=price", f"{of.seed}&as_of={of.then}"],
        "admin:catalog_seed_changelist": ["q=site", "p=2"],
        "admin:catalog_page_changelist": ["p=199", "o=2", "o=-5", f"q={of.url}", "q=nothing"],
        "admin:catalog_visit_changelist": [
            *("p=199", "o=2", "o=4", "o=5", "o=7", "state__exact=3", "outcome__exact=4", f"q={of.url}"),
        ],
        "admin:catalog_run_changelist": [
            *("state__exact=finished", "kind__exact=recrawl", "o=4", "o=7", "o=9"),
        ],
        "admin:catalog_host_changelist": ["q=host-77", "o=2", "o=8"],
        "admin:catalog_export_changelist": ["state__exact=done"],
    }


def _records(of: Examples) -> list[str]:
    filters = (
        *("text=no-such-text", "text=Article+77+", "text=%E4%BE%8B", "text=m%C3%BCller"),
        *("changed_since=7d", "changed_since=1h", "gone=yes", "columns=price,stock", "after=50000~50000"),
        *("headline.contains=no-such-text", "author.contains=m%C3%BCller", "author.is=zo%C3%AB+m%C3%BCller"),
        *("stock.is=7", "price.lt=-1", "price.gt=990", "price.between=10..20", "day.gt=2027-01-01"),
        *("stock.empty=yes", "price.changed_since=7d", "price.lt=20&stock.gt=30&text=about"),
    )
    sorts = (
        *("price", "-price", "headline", "-day", ".changed", "-.first_seen", ".address"),
        *(
            "-price&after=5000",
            "headline&price.gt=990",
            ".address&text=m%C3%BCller",
            "price&text=no-such-text",
        ),
    )
    past = (
        "",
        "&price.gt=990",
        "&sort=price",
        "&text=no-such-text",
        "&sort=-day&author.contains=m%C3%BCller",
    )
    versions = ("", "&price.lt=-1", "&text=m%C3%BCller", "&text=no-such-text", "&price.changed_since=7d")
    return [
        *(of.seed, "seed=3", "seed=3&sort=price", "seed=3&text=no-such-text"),
        *(f"{of.seed}&{each}" for each in filters),
        *(f"{of.seed}&sort={each}" for each in sorts),
        *(f"{of.seed}&as_of={of.then}{each}" for each in past),
        *(f"{of.seed}&view=versions{each}" for each in versions),
    ]


def _pages(of: Examples) -> list[str]:
    return [
        *(of.seed, "text=articles", "text=no-such-text", "text=%E4%BE%8B"),
        *(f"text={of.url}", f"{of.seed}&text={of.url}", f"{of.seed}&text=no-such-text"),
        *(
            f"{seed}happened={event}&since={hours}"
            for seed in ("", f"{of.seed}&")
            for event in ("new", "changed", "unchanged", "unseen")
            for hours in ("", "1", "24", "720")
        ),
        *("sort=last_changed_at", "sort=-last_fetched_at", "sort=last_fetched_at"),
        f"{of.seed}&sort=last_fetched_at&happened=changed",
        f"{of.seed}&sort=-last_fetched_at&text=no-such-text",
        *(f"after={of.last}~1000", f"{of.seed}&after={of.last}~1000"),
    ]


def _changes(of: Examples) -> list[str]:
    return [
        *(of.seed, "seed=3", f"run={of.run}", f"{of.seed}&run={of.run}", f"run={of.run}&text=no-such-text"),
        *("kind=pages", "kind=gone", f"{of.seed}&kind=page_gone", "kind=trouble&since=720"),
        *("direction=down&percent=10", "least=100", "field=price", f"{of.seed}&collection=pages&field=stock"),
        *("text=no-such-text", f"{of.seed}&text=%E4%BE%8B", f"{of.seed}&begin=2020-01-01&text=no-such-text"),
        *(f"{of.seed}&since=24", f"{of.seed}&since=1", "begin=2026-01-01&end=2026-01-02", "withdrawn=1"),
    ]


def _explained(of: Examples) -> list[str]:
    """Addresses that are stored, that nobody has met, that a rule shuts out, and texts that are none."""
    return [
        *(f"url={of.url}", f"url={of.url}&{of.seed}"),
        *(f"url={of.url}no-such-page", f"url={of.url}no-such-page&{of.seed}"),
        *(f"url={of.host}/private/page", f"url={of.host}/articles/page-3.html"),
        *("url=www.example.org", "url=host-5.example", "url=http://host-7.example/articles/page-72.html"),
        "url=no+address",
    ]


def api_queries(of: Examples) -> dict[str, list[str]]:
    """By the name of the call; calls without filters are not here."""
    seed = of.seed
    return {
        "list_seeds": ["", "text=site+1", "state=off", "limit=500"],
        "list_runs": ["", seed, "state=missed", "kind=recrawl", "limit=500"],
        "list_pages_of_run": ["outcome=stored&limit=500", "outcome=failed&reason=no", "outcome=waiting"],
        "list_pages": [
            *("", seed, f"{seed}&limit=500", f"url={of.url}", "text=no-such-text", f"{seed}&text=%E4%BE%8B"),
            *(
                "sort=last_fetched_at",
                f"changed_since={of.then}",
                f"{seed}&changed_since={of.then}&text=no-such",
            ),
        ],
        "list_records": [seed, f"{seed}&limit=500", f"url={of.url}", f"url={of.url}&{seed}"],
        "list_changes": ["", seed, "seed=3", "limit=500", f"{seed}&limit=500"],
        "list_events": [
            query.replace("&since=1", "&since=24") for query in _changes(of) if "after" not in query
        ],
        "list_known_failures": [seed],
        "search": ["text=article", f"text=article&{seed}", "text=no-such-word"],
        "explain": [query for query in _explained(of) if "no+address" not in query],
    }
