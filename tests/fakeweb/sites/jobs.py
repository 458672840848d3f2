"""A job board. Traps: salaries as ranges or none, premium places above the list, similar jobs beside a job,
remote or not, days ago in words beside the date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.fakeweb.sites import held_out
from tests.fakeweb.sites.facts import (
    PLACES,
    Money,
    changes,
    day_in_words,
    day_of,
    dice_of,
    e,
    linked_data,
    name_of,
    prose,
)
from tests.fakeweb.sites.site import Design, Fact, FactSite, Paging, html_page, page_numbers

_LISTS, _ITEMS = ["*/list*", "*/picks"], ["*/item/*"]
_TITLES = ("Baker", "Data engineer", "Nurse (m/f/d)", "Teacher", "Welder")


@dataclass(frozen=True)
class Job(Fact):
    """An opening."""

    number: int
    title: str
    company: str
    place: str
    low: Money | None
    high: Money | None
    day: date
    remote: bool
    text: str

    @property
    def reference(self) -> str:
        return f"J-{self.number + 100}"

    @property
    def slug(self) -> str:
        return self.reference.lower()


def _english_salary(job: Job) -> str:
    return f"{job.low.english} – {job.high.english} a year" if job.low and job.high else ""


def _english_list(jobs: Sequence[Job], paging: Paging) -> str:
    rows = "".join(
        f'<tr class="job" id="{each.reference}"><td class="title"><a href="{each.path}">{e(each.title)}'
        f"</a></td>"
        f"<td>{e(each.company)}</td><td>{e(each.place)}{' <b>Remote</b>' if each.remote else ''}</td>"
        f"<td>{_english_salary(each)}</td><td>{day_in_words(each.day, 'en')}</td></tr>"
        for each in jobs
    )
    head = "<tr><th>Job<th>Company<th>Place<th>Salary<th>Posted</tr>"
    premium = (
        '<tr class="premium"><td><a href="/private/ad">Pilot</a><td>Ad Air<td>Rome<td>€99,000.00<td>Now</tr>'
    )
    more = f'<a class="next" href="{paging.next}">Next page</a>' if paging.next else ""
    return html_page(
        "Jobs", f'<table class="jobs"><thead>{head}</thead><tbody>{premium}{rows}</tbody></table>{more}'
    )


def _english_item(job: Job, others: Sequence[Job]) -> str:
    salary = f'<dt>Salary</dt><dd class="salary">{_english_salary(job)}</dd>' if job.low else ""
    beside = "".join(
        f'<li>{e(other.title)}: <span class="salary">{_english_salary(other)}</span></li>' for other in others
    )
    return html_page(
        job.title,
        f'<dl class="facts"><dt>Reference</dt><dd class="ref">{job.reference}</dd><dt>Company</dt>'
        f'<dd class="company">{e(job.company)}</dd><dt>Place</dt><dd class="place">{e(job.place)}'
        f"</dd>{salary}"
        f'<dt>Posted</dt><dd class="posted">{day_in_words(job.day, "en")}</dd><dt>Remote</dt>'
        f'<dd class="remote">{"yes" if job.remote else "no"}</dd></dl><div class="about">{e(job.text)}</div>'
        f"<aside><h2>Similar jobs</h2><ul>{beside}</ul></aside>",
    )


_LOW = [{"split": "–"}, "first"]
_A: list[dict[str, Any]] = [
    {
        "name": "jobs", "pages": _LISTS, "items": {"css": "tr.job"}, "key": ["reference"],
        "next": {"css": "a.next::attr(href)"},
        "fields": [
            {"name": "reference", "css": "::attr(id)", "required": True},
            {"name": "title", "css": ".title", "required": True},
            {"name": "company", "column": "Company"},
            {"name": "salary", "column": "Salary", "steps": _LOW, "type": "money", "locale": "en"},
            {"name": "posted", "column": "Posted", "type": "date", "locale": "en"},
            {"name": "url", "css": ".title a::attr(href)", "type": "url"},
        ],
    },
    {
        "name": "openings", "pages": _ITEMS, "key": ["reference"],
        "fields": [
            {"name": "reference", "css": ".ref", "required": True},
            {"name": "title", "css": "h1", "required": True},
            {"name": "company", "css": ".company"},
            {"name": "place", "css": ".place"},
            {"name": "salary", "css": ".facts .salary", "steps": _LOW, "type": "money", "locale": "en"},
            {"name": "posted", "css": ".posted", "type": "date", "locale": "en"},
            {"name": "remote", "css": ".remote", "type": "boolean"},
            {"name": "text", "css": ".about"},
        ],
    },
]  # fmt: skip


def _german_list(jobs: Sequence[Job], paging: Paging) -> str:
    cards = "".join(
        f'<li><div class="karte" data-nr="{each.reference}"><p class="firma">{e(each.company)}</p>'
        f'<h3><a href="{each.path}">{e(each.title)}</a></h3><p class="datum">Seit '
        f"{day_in_words(each.day, 'de')}</p>"
        + (
            f'<p class="gehalt">{each.low.german} bis {each.high.german}</p>'
            if each.low and each.high
            else ""
        )
        + "</div></li>"
        for each in jobs
    )
    premium = (
        '<li><div class="karte top"><p class="firma">Ad Air</p><h3>Pilot</h3><p '
        'class="gehalt">99.000 €</p></div>'
    )
    return html_page("Stellen", f"<ol>{premium}{cards}</ol>{page_numbers(paging)}", language="de")


def _german_item(job: Job, others: Sequence[Job]) -> str:
    salary = (
        f"<tr><td>Gehalt</td><td>{job.low.german} bis {job.high.german}</td></tr>"
        if job.low and job.high
        else ""
    )
    beside = "".join(f"<tr><td>{e(other.title)}</td><td>{e(other.company)}</td></tr>" for other in others)
    return html_page(
        job.title,
        f'<div class="aehnlich"><table>{beside}</table></div><div class="text">{e(job.text)}</div>'
        f'<table class="daten"><tr><td>Kennziffer</td><td>{job.reference}</td></tr><tr><td>Firma</td>'
        f"<td>{e(job.company)}</td></tr><tr><td>Ort</td><td>{e(job.place)}</td></tr>{salary}<tr><td>Seit</td>"
        f"<td>{day_in_words(job.day, 'de')}</td></tr><tr><td>Von zu Hause</td>"
        f"<td>{'ja' if job.remote else 'nein'}"
        "</td></tr></table>",
        language="de",
    )


def _labelled(label: str) -> str:
    return f"//table[@class='daten']//td[.='{label}']/following-sibling::td"


_UP_TO = [{"split": " bis "}, "first"]
_B: list[dict[str, Any]] = [
    {
        "name": "jobs", "pages": _LISTS, "items": {"css": ".karte:not(.top)"}, "key": ["reference"],
        "next": {"css": "b.current + a::attr(href)"},
        "fields": [
            {"name": "reference", "css": "::attr(data-nr)", "required": True},
            {"name": "title", "css": "h3", "required": True},
            {"name": "company", "css": ".firma"},
            {"name": "salary", "css": ".gehalt", "steps": _UP_TO, "type": "money", "locale": "de"},
            {"name": "posted", "css": ".datum", "steps": [{"replace": ["Seit ", ""]}], "type": "date",
             "locale": "de"},
            {"name": "url", "css": "h3 a::attr(href)", "type": "url"},
        ],
    },
    {
        "name": "openings", "pages": _ITEMS, "key": ["reference"],
        "fields": [
            {"name": "reference", "xpath": _labelled("Kennziffer"), "required": True},
            {"name": "title", "css": "h1", "required": True},
            {"name": "company", "xpath": _labelled("Firma")},
            {"name": "place", "xpath": _labelled("Ort")},
            {"name": "salary", "xpath": _labelled("Gehalt"), "steps": _UP_TO, "type": "money",
             "locale": "de"},
            {"name": "posted", "xpath": _labelled("Seit"), "type": "date", "locale": "de"},
            {"name": "remote", "xpath": _labelled("Von zu Hause"), "type": "boolean",
             "steps": [{"map": {"ja": "true", "nein": "false"}}]},
            {"name": "text", "css": ".text"},
        ],
    },
]  # fmt: skip


def _data_list(jobs: Sequence[Job], paging: Paging) -> str:
    cards = "".join(
        f'<section itemscope itemtype="https://schema.org/JobPosting"><meta itemprop="identifier" '
        f'content="{each.reference}"><a itemprop="url" href="{each.path}">'
        f'<span itemprop="title">{e(each.title)}</span></a>'
        '<div itemprop="hiringOrganization" itemscope itemtype="https://schema.org/Organization">'
        f'<span itemprop="name">{e(each.company)}</span></div><time itemprop="datePosted" '
        f'datetime="{each.day}">some days ago</time>'
        + (f'<data itemprop="baseSalary" value="{each.low.plain} EUR">well paid</data>' if each.low else "")
        + "</section>"
        for each in jobs
    )
    more = f'<div class="more" data-next="{paging.next}">…</div>' if paging.next else ""
    return html_page("Jobs", cards + more)


def _data_item(job: Job, others: Sequence[Job]) -> str:
    data: dict[str, Any] = {
        "@type": "JobPosting", "identifier": {"@type": "PropertyValue", "value": job.reference},
        "title": job.title, "hiringOrganization": {"@type": "Organization", "name": job.company},
        "jobLocation": {"@type": "Place", "address": {"addressLocality": job.place}},
        "datePosted": job.day.isoformat(), "description": job.text, "isRemote": job.remote,
    }  # fmt: skip
    if job.low and job.high:
        span = {"minValue": job.low.plain, "maxValue": job.high.plain, "unitText": "YEAR"}
        data["baseSalary"] = {"@type": "MonetaryAmount", "currency": "EUR", "value": span}
    similar = "".join(f"<li>{e(other.title)}</li>" for other in others)
    return html_page(job.title, f"<p>{e(job.text)}</p><ul>{similar}</ul>", head=linked_data(data))


_C: list[dict[str, Any]] = [
    {
        "name": "jobs", "pages": _LISTS, "items": {"microdata": "JobPosting"}, "key": ["reference"],
        "next": {"css": ".more::attr(data-next)"},
        "fields": [
            {"name": "reference", "json": "identifier", "required": True},
            {"name": "title", "json": "title", "required": True},
            {"name": "company", "json": "hiringOrganization.name"},
            {"name": "salary", "json": "baseSalary", "type": "money", "locale": "en"},
            {"name": "posted", "json": "datePosted", "type": "date"},
            {"name": "url", "json": "url", "type": "url"},
        ],
    },
    {
        "name": "openings", "pages": _ITEMS, "key": ["reference"],
        "fields": [
            {"name": "reference", "jsonld": "JobPosting.identifier.value", "required": True},
            {"name": "title", "jsonld": "JobPosting.title", "required": True},
            {"name": "company", "jsonld": "JobPosting.hiringOrganization.name"},
            {"name": "place", "jsonld": "JobPosting.jobLocation.address.addressLocality"},
            {"name": "salary", "type": "money", "locale": "en",
             "json": "baseSalary && join(' ', [baseSalary.value.minValue, baseSalary.currency])"},
            {"name": "posted", "jsonld": "JobPosting.datePosted", "type": "date"},
            {"name": "remote", "jsonld": "JobPosting.isRemote", "type": "boolean"},
            {"name": "text", "jsonld": "JobPosting.description"},
        ],
    },
]  # fmt: skip


@dataclass
class JobBoard(FactSite[Job]):
    """Openings, on lists and on their own pages."""

    name = "jobs"
    designs = {
        "a": Design(_english_list, _english_item, _A),
        "b": Design(_german_list, _german_item, _B, backwards=True),
        "c": Design(_data_list, _data_item, _C),
        "d": held_out.JOBS,
    }

    def fact(self, number: int, revision: int) -> Job:
        dice = dice_of("jobs", number, changes(number, revision))
        fixed = dice_of("jobs", number)
        low = Money(dice.randint(24, 80) * 100_000) if number % 5 != 2 else None
        return Job(
            number=number,
            title=f"{_TITLES[number % len(_TITLES)]}, {name_of(number)}",
            company=f"{fixed.choice(('Lindqvist', 'Müller', 'Ferreira'))} & Partners",
            place=PLACES[number % len(PLACES)],
            low=low,
            high=low and Money(low.cents + fixed.randint(3, 15) * 100_000),
            day=day_of(number),
            remote=number % 3 == 0,
            text=prose("jobs", number, sentences=5),
        )

    def list_values(self, fact: Job) -> dict[str, Any]:
        return {
            "reference": fact.reference,
            "title": fact.title,
            "company": fact.company,
            "salary": fact.low and fact.low.value,
            "posted": fact.day.isoformat(),
            "url": self.base + fact.path,
        }

    def item_values(self, fact: Job) -> dict[str, Any]:
        return {
            "reference": fact.reference,
            "title": fact.title,
            "company": fact.company,
            "place": fact.place,
            "salary": fact.low and fact.low.value,
            "posted": fact.day.isoformat(),
            "remote": fact.remote,
            "text": fact.text,
        }
