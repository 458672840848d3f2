"""What is added to a drawn site: languages, copies, redirects, dead links, traps, a sitemap."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from benchmarks.forecast.drawn.plan import Plan


def languages(plan: Plan) -> None:
    """The whole site some times more, each below a folder; a page links to itself in the other languages."""
    codes = plan.dice.sample(("de", "fr", "es", "it", "pl", "nl"), plan.dice.randrange(1, 4))
    own = {path: list(links) for path, links in plan.pages.items()}

    def into(path: str, code: str) -> str:
        return f"/{code}{path}" if path != "/" else f"/{code}"

    for path, links in own.items():
        plan.pages[path] = [*links, *(into(path, code) for code in codes)]
        for code in codes:
            others = [path, *(into(path, other) for other in codes if other != code)]
            plan.pages[into(path, code)] = [*(into(link, code) for link in links), *others]
            if path in plan.words:
                plan.words[into(path, code)] = plan.words[path]


def copies(plan: Plan) -> None:
    """Most pages of one kind once more, to be printed or from a list."""
    query = plan.dice.choice(("print=1", "ref=list", "view=full"))
    chosen = [path for path in plan.pages if "?" not in path and path != "/" and plan.chance(0.8)]
    for path in chosen:
        plan.pages[f"{path}?{query}"] = list(plan.pages[path])
    for path in chosen:
        plan.pages[path].append(f"{path}?{query}")


def orders(plan: Plan) -> None:
    """Lists that can be sorted otherwise: so many more pages, which show the same things."""
    lists = [path for path in plan.pages if f"{path}?page=2" in plan.pages]
    rows = [path for path in plan.pages if "?page=" in path]

    def sorted_by(path: str, order: str) -> str:
        return f"{path}&sort={order}" if "?" in path else f"{path}?sort={order}"

    for path in [*lists, *rows]:
        for order in ("name", "price"):
            own = [sorted_by(link, order) if "?page=" in link else link for link in plan.pages[path]]
            plan.pages[sorted_by(path, order)] = own
    for path in lists:
        plan.pages[path] += [sorted_by(path, order) for order in ("name", "price")]


def redirects(plan: Plan) -> None:
    """Some pages that are linked by an old address."""
    share = plan.dice.uniform(0.05, 0.4)
    chosen = {path for path in plan.pages if path != "/" and "?" not in path and plan.chance(share)}
    plan.moved |= {
        f"/go/{hashlib.blake2b(path.encode(), digest_size=5).hexdigest()}": path for path in chosen
    }
    old = {path: address for address, path in plan.moved.items()}
    for path, links in plan.pages.items():
        plan.pages[path] = [old[link] if link in old and plan.chance(0.5) else link for link in links]


def dead_links(plan: Plan) -> None:
    """Links to pages that are gone."""
    share = plan.dice.uniform(0.02, 0.2)
    paths = [path for path in plan.pages if path != "/" and "?" not in path]
    for links in plan.pages.values():
        if plan.chance(share) and paths:
            links.append(f"{plan.dice.choice(paths)}x")


def calendar(plan: Plan) -> None:
    """A calendar without an end."""
    for links in plan.pages.values():
        links.append("/calendar?month=2026-05")

    def trap(path: str) -> list[str] | None:
        if not path.startswith("/calendar?month="):
            return None
        year, month = map(int, path.removeprefix("/calendar?month=").split("-"))
        at = year * 12 + month - 1
        return ["/", *(f"/calendar?month={each // 12}-{each % 12 + 1:02}" for each in (at - 1, at + 1))]

    plan.trap = trap


def filters(plan: Plan) -> None:
    """Filters of each list, which combine to thousands of addresses."""
    names = plan.dice.sample(("brand", "color", "material", "price", "size"), 3)
    values = {name: plan.dice.randrange(3, 12) for name in sorted(names)}
    lists = [path for path in plan.pages if "?" not in path and len(plan.pages[path]) > 8 and path != "/"][
        :200
    ]

    def shown(path: str, chosen: dict[str, str]) -> list[str]:
        both = ({**chosen, name: f"{value}"} for name, count in values.items() for value in range(count))
        return [f"{path}?{'&'.join(f'{key}={each[key]}' for key in sorted(each))}" for each in both]

    own = {path: list(plan.pages[path]) for path in lists}
    for path in lists:
        plan.pages[path] += shown(path, {})

    def trap(address: str) -> list[str] | None:
        path, _, query = address.partition("?")
        chosen = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        if path not in own or not chosen or not chosen.keys() <= values.keys():
            return None
        return [*own[path][:10], *shown(path, chosen)]

    plan.trap = trap


def sessions(plan: Plan) -> None:
    """Links that carry a session, which is new on each page."""
    name = plan.dice.choice(("sid", "visit_token"))  # the first is left out by the crawl itself
    own = dict(plan.pages)
    words = dict(plan.words)

    def plain(path: str) -> str:
        return path.partition(f"&{name}=")[0].partition(f"?{name}=")[0]

    def with_session(links: Sequence[str], path: str) -> list[str]:
        session = hashlib.blake2b(path.encode(), digest_size=16).hexdigest()
        return [f"{link}{'&' if '?' in link else '?'}{name}={session}" for link in links]

    def trap(path: str) -> list[str] | None:
        bare = plain(path)
        if bare not in own:
            return None
        plan.words[path] = words.get(bare, "")
        return with_session(own[bare], path)

    plan.trap = trap
    plan.pages = {"/": with_session(own["/"], "/")}


def sitemap(plan: Plan) -> None:
    """A sitemap that says all, too little, too much, or other things than what is linked."""
    dice, paths = plan.dice, [path for path in plan.pages if "?" not in path]
    says = dice.choice(("all", "all", "few", "one kind", "gone", "unlinked"))
    plan.notes.append(f"sitemap: {says}")
    plan.parts = dice.choice((1, 1, 3, 8))
    if says == "few":
        share = dice.uniform(0.15, 0.8)
        paths = [path for path in paths if plan.chance(share)]
    elif says == "one kind":
        depth = max(paths, key=lambda path: path.count("/")).count("/")
        paths = [path for path in paths if path.count("/") == depth]
    elif says == "gone":
        share = dice.uniform(0.1, 1.5)
        paths += [f"{path}-old" for path in paths if plan.chance(min(share, 1.0))]
    elif says == "unlinked":
        more = plan.names(max(5, round(len(paths) * dice.uniform(0.1, 1))), dice.choice(("/extra", "/item")))
        for path in more:
            plan.add(path, ["/"])
        paths += more
    dice.shuffle(paths)
    plan.listed = paths
