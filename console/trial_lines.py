"""A trial as lines for people: what came, which links, what could be taken, what the rules read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crawler.collections import Collection
from crawler.requests.exchange import one_line
from djsite.desk.shown import shown
from djsite.desk.trials.here import OK, Trial

LINKS, RECORDS, SAMPLES = 10, 5, 2  # that are shown
WIDTH, TEXT = 100, 400  # characters of a value, of the text


def print_trial(trial: Trial, both: Sequence[Collection] = (), *, as_json: bool) -> None:
    """Print what is seen of a page; of an item's page also the rules of its list and of it."""
    if as_json:
        more = {"list_and_details": [collection.plain() for collection in both]} if both else {}
        print(json.dumps(trial.plain() | more, ensure_ascii=False), flush=True)
    else:
        print("\n".join([*lines(trial), *both_lines(both)]), flush=True)


def lines(trial: Trial) -> Iterator[str]:
    """All that is shown of a trial."""
    yield _line(trial.url, 300)
    if trial.final_url != trial.url:
        yield f"  led to      {_line(trial.final_url, 300)}"
    yield f"  answer      {_answer(trial)}"
    if trial.verdict != OK:
        yield f"  verdict     {trial.verdict}{f': {_line(trial.detail, 300)}' if trial.detail else ''}"
        if not trial.title and not trial.text:
            yield ""
            return
    else:
        yield "  verdict     ok: a crawl would store it"
    yield f"  title       {_line(trial.title) or '(none)'}"
    yield f"  text        {_line(trial.text, TEXT) or '(none)'}"
    yield from _links(trial)
    yield from _structured(trial)
    yield from _offered(trial)
    yield from _collections(trial)
    yield ""


def both_lines(both: Sequence[Collection]) -> Iterator[str]:
    """The rules of a list and of its items' pages, and what they are known by."""
    if not both:
        return
    yield "  A list with details:"
    for collection in both:
        pages = " and ".join(map(_line, collection.pages)) or "all pages"
        yield f"    {collection.name}: known by {', '.join(collection.key) or 'their place'}, on {pages}"
    rules = json.dumps([collection.plain() for collection in both], ensure_ascii=False)
    yield "  To try both, or to give them to a seed:"
    yield f"    --collection {_quoted(rules)}"
    yield ""


def _answer(trial: Trial) -> str:
    if trial.status is None:
        return "none"
    return f"{trial.status}, {_line(trial.content_type) or 'no content type'}, {trial.size:,} bytes"


def _links(trial: Trial) -> Iterator[str]:
    links = trial.links
    yield f"  links       {len(links.followed):,} followed, {len(links.refused):,} not"
    for url in links.followed[:LINKS]:
        yield f"    + {_line(url)}"
    if len(links.followed) > LINKS:
        yield f"    + … {len(links.followed) - LINKS:,} more"
    for refused in links.refused[:LINKS]:
        yield f"    - {_line(refused.url)}: {_line(refused.reason)}"
    if len(links.refused) > LINKS:
        yield f"    - … {len(links.refused) - LINKS:,} more"


def _structured(trial: Trial) -> Iterator[str]:
    for source, text in trial.structured.items():
        yield f"  {source:<11} {_line(text, TEXT)}"


def _offered(trial: Trial) -> Iterator[str]:
    for offer in trial.offered:
        count = "1 record" if offer.records == 1 else f"{offer.records:,} records"
        yield f"  offered     {offer.name}: {count} ({_line(offer.reason)})"
        for sample in offer.samples[:SAMPLES]:
            yield f"    {_pairs(sample)}"
    if trial.offered:
        best = json.dumps(trial.offered[0].collection, ensure_ascii=False)
        yield "  To try the first of these, or to give it to a seed:"
        yield f"    --collection {_quoted(best)}"


def _quoted(text: str) -> str:
    """For a shell."""
    return "'" + one_line(text).replace("'", "'\\''") + "'"


def _collections(trial: Trial) -> Iterator[str]:
    for collection in trial.collections:
        count = "1 record" if collection.records == 1 else f"{collection.records:,} records"
        yield f"  collection  {collection.name}: {count}"
        for field in collection.fields:
            yield f"    {field.name} = {_line(field.rule)}"
            yield f"      matched {_line(_list(field.matched)) or 'nothing'}"
            for step in field.steps:
                yield f"      {_line(step.step)} -> {_line(_list(step.texts))}"
            problem = f"  ({_line(field.problem)})" if field.problem else ""
            yield f"      {field.type}: {_value(field.value)}{problem}"
        for values in collection.values[1 if collection.fields else 0 : RECORDS]:
            yield f"    {_pairs(values)}"
        for problem in collection.problems:
            yield f"    ! {_line(problem)}"


def _pairs(values: dict[str, Any]) -> str:
    return _line("; ".join(f"{name}: {_value(value)}" for name, value in values.items()), 3 * WIDTH)


def _list(texts: Iterable[str]) -> str:
    return " | ".join(texts)


def _value(value: Any) -> str:
    return _line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _line(text: str, most: int = WIDTH) -> str:
    """A stranger's text, in which nothing controls the terminal."""
    return shown(" ".join(one_line(text).split()), most)
