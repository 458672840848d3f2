"""Drawing a site by a number."""

from __future__ import annotations

import random

from benchmarks.forecast.drawn import additions, shapes
from benchmarks.forecast.drawn.plan import Plan
from tests.fakeweb.answers import Answer, Request
from tests.fakeweb.sized import SizedSite

CHANCES = (  # of additions, in the order in which they are made
    (additions.orders, 0.15),
    (additions.languages, 0.12),
    (additions.copies, 0.12),
    (additions.dead_links, 0.3),
    (additions.redirects, 0.12),
    (additions.calendar, 0.1),
    (additions.filters, 0.12),
)
SITEMAP, USED = 0.45, 0.35  # sites with a sitemap; crawls that use it
SESSIONS = 0.04
MOST = 60_000  # pages of a site that is copied once more


class DrawnSite(SizedSite):
    """A site as it was drawn; some of its pages say how much there is, some addresses lead to others."""

    uses_sitemap: bool
    words: dict[str, str]
    moved: dict[str, str]

    def answer(self, request: Request) -> Answer:
        """What a server answers."""
        if (to := self.moved.get(request.target)) is not None:
            return Answer(301, headers=(("location", f"{self.base}{to}"),))
        answer = super().answer(request)
        if said := self.words.get(request.target):
            body = f"{answer.body!s}".replace("</h1>", f"</h1><p>{said}</p>", 1)
            return Answer(answer.status, body)
        return answer


def draw(number: int) -> DrawnSite:
    """The site of a number. All kinds come in turn; one of eight sites is of several kinds."""
    dice = random.Random(f"site {number}")
    plan = Plan(dice)
    name = _of_kinds(plan, number)
    for add, chance in CHANCES:
        if plan.chance(chance) and len(plan.pages) < MOST / 4 and (plan.trap is None):
            add(plan)
            plan.notes.append(add.__name__.replace("_", " "))
    if plan.chance(SITEMAP) or name == "unlinked":
        additions.sitemap(plan)
        plan.uses_sitemap = plan.chance(USED)
    pages = len(_reachable(plan))
    if plan.chance(SESSIONS) and not plan.listed and not plan.moved and plan.trap is None:
        additions.sessions(plan)
        plan.notes.append("sessions")
    return _site(plan, f"{number} {', '.join([name, *plan.notes])}", pages)


def _of_kinds(plan: Plan, number: int) -> str:
    at = number % (len(shapes.KINDS) + 1)
    if at < len(shapes.KINDS):
        shapes.KINDS[at](plan, "")
        return shapes.KINDS[at].__name__
    chosen = plan.dice.sample(shapes.KINDS, plan.dice.randrange(2, 4))
    heads = [shape(plan, f"/{shape.__name__}") for shape in chosen]
    plan.add("/", heads)
    return f"mixed: {', '.join(shape.__name__ for shape in chosen)}"


def _reachable(plan: Plan) -> set[str]:
    """The pages that a crawl finds; those that a trap makes up are not counted."""
    left = ["/", *(plan.listed if plan.uses_sitemap else ())]
    seen: set[str] = set()
    while left:
        path = left.pop()
        path = plan.moved.get(path, path)
        if path not in seen and path in plan.pages:
            seen.add(path)
            left += plan.pages[path]
    return seen


def _site(plan: Plan, name: str, pages: int) -> DrawnSite:
    def links(path: str) -> list[str] | None:
        if (own := plan.pages.get(path)) is not None:
            return list(dict.fromkeys(own))
        return plan.trap(path) if plan.trap else None

    site = DrawnSite(name, pages, links, plan.listed, plan.parts)
    site.uses_sitemap, site.words, site.moved = plan.uses_sitemap, plan.words, plan.moved
    return site
