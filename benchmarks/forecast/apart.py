"""Sites apart: less regular, written when the forecast was done. Their results made its ranges wider."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from tests.fakeweb.sized import SizedSite, slug

Graph = dict[str, list[str]]


def apart() -> Iterator[SizedSite]:
    """All of them. Each has the pages that are reachable from its front."""
    for name, graph in (
        ("uneven shop", _uneven_shop()),
        ("uneven tree", _uneven_tree()),
        ("news without lists", _news()),
        ("tree of names", _tree_of_names(1_500)),
        ("chain", _chain(600)),
        ("three languages", _languages()),
    ):
        yield _site(name, graph)


def _site(name: str, graph: Mapping[str, Sequence[str]]) -> SizedSite:
    seen, left = {"/"}, ["/"]
    while left:
        new = [link for link in dict.fromkeys(graph[left.pop()]) if link not in seen]
        seen |= set(new)
        left += new
    return SizedSite(name, len(seen), graph.get)


def _lists(graph: Graph, head: str, items: Sequence[str], per_page: int, query: str) -> None:
    """Pages of a list, each with a link to the next."""
    pages = [items[at : at + per_page] for at in range(0, len(items), per_page)] or [[]]
    for number, shown in enumerate(pages, 1):
        address = head if number == 1 else f"{head}?{query}={number}"
        more = [f"{head}?{query}={number + 1}"] if number < len(pages) else []
        graph[address] = ["/", *shown, *more]


def _uneven_shop() -> Graph:
    dice, graph = random.Random(11), Graph()
    products = [f"/p/{slug(number)}" for number in range(4_000)]
    heads = [f"/c/{slug(9_000 + number)}" for number in range(25)]
    of_head: dict[str, list[str]] = {head: [] for head in heads}
    weights = [1 / (rank + 1) for rank in range(25)]
    for product in products:
        chosen = list(dict.fromkeys(dice.choices(heads, weights, k=dice.choice((1, 1, 2)))))
        for head in chosen:
            of_head[head].append(product)
        graph[product] = ["/", *chosen, *dice.sample(products, 4)]
    for head, items in of_head.items():
        _lists(graph, head, items, 24, "page")
    return graph | {"/": ["/", *heads]}


def _uneven_tree() -> Graph:
    dice, graph = random.Random(12), Graph()
    left = [("/", 0)]
    while left:
        path, depth = left.pop()
        count = 12 if not depth else 0 if depth > 4 else max(0, int(dice.expovariate(1 / 6)) - depth + 1)
        children = [f"{path}{slug(dice.randrange(10**6))}/" for _ in range(count)]
        up = path.rstrip("/").rpartition("/")[0] + "/"
        graph[path] = ["/", up, *children]
        left += [(child, depth + 1) for child in children]
    return graph


def _news() -> Graph:
    dice, graph = random.Random(13), Graph()
    sections = [f"/{slug(8_000 + number)}" for number in range(8)]
    for section in sections:
        articles = [f"{section}/{slug(dice.randrange(10**7))}" for _ in range(dice.randrange(80, 500))]
        graph[section] = ["/", *sections, *articles[:30]]
        for article in articles:
            graph[article] = ["/", *sections, *dice.sample(articles, 6)]
    return graph | {"/": [*sections]}


def _tree_of_names(pages: int) -> Graph:
    names = ["/", *[f"/{slug(number)}" for number in range(1, pages)]]
    return {
        name: ["/", names[(at - 1) // 3], *names[3 * at + 1 : 3 * at + 4]] for at, name in enumerate(names)
    }


def _chain(pages: int) -> Graph:
    names = ["/", *[f"/{slug(number)}" for number in range(1, pages)]]
    return {name: names[at + 1 : at + 2] for at, name in enumerate(names)}


def _languages() -> Graph:
    graph = Graph()
    for language in ("en", "de", "fr"):
        items = [f"/{language}/thing/{slug(number)}" for number in range(420)]
        _lists(graph, f"/{language}/all", items, 30, "page")
        for at, item in enumerate(items):
            others = [item.replace(f"/{language}/", f"/{other}/") for other in ("en", "de", "fr")]
            graph[item] = ["/", f"/{language}/all", *others, items[(at + 1) % len(items)]]
    return graph | {"/": ["/en/all", "/de/all", "/fr/all"]}
