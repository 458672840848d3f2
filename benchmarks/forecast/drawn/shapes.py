"""Kinds of sites. Each adds its pages to a plan, below a folder, and returns the address to begin from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from benchmarks.forecast.drawn.plan import FOLDERS, LISTS, Paging, Plan

MOST = 9_000  # items of one kind


def _with_links(plan: Plan, items: Sequence[str], up: Sequence[str], *, beside: int = 0) -> None:
    """Items that link up, to those before and after, and to some others of the same list."""
    neighbours = plan.chance(0.3)
    for at, item in enumerate(items):
        near = [*items[max(0, at - 1) : at], *items[at + 1 : at + 2]] if neighbours else []
        plan.add(item, [*up, *near, *plan.dice.sample(items, min(beside, len(items)))])


def flat(plan: Plan, root: str) -> str:
    """One list with paging, and its items."""
    items = plan.names(plan.number(30, MOST), f"{root}/{plan.dice.choice(FOLDERS)}")
    head = root or "/"
    paging = Paging.drawn(plan)
    paging.lay_out(head, items)
    _with_links(plan, items, [head], beside=plan.dice.choice((0, 0, 4)))
    return head


def tree(plan: Plan, root: str) -> str:
    """Categories in categories, of any width; the lowest hold the items."""
    dice, head = plan.dice, root or "/"
    depth, width = dice.randrange(2, 5), dice.uniform(2.5, 6)
    leaf = plan.number(3, 60)
    even, paging = plan.chance(0.4), Paging.drawn(plan)
    whole = plan.chance(0.5)  # addresses name all folders above
    left = [(head, 0)]
    while left and len(plan.pages) < MOST:
        path, level = left.pop(0)
        up = [head, *([path.rpartition("/")[0] or "/"] if whole and path != head else [])]
        folder = path.rstrip("/") if whole else f"{root}/{'item' if level == depth else 'section'}"
        drawn = leaf if level == depth else width
        count = round(drawn) if even else round(dice.expovariate(1 / drawn))
        below = plan.names(max(count, 3 if not level else 0), folder)
        if level == depth:
            paging.lay_out(path, below, up)
            for item in below:
                plan.add(item, [head, path])
        else:
            plan.add(path, [*up, *below])
            left += [(each, level + 1) for each in below]
    for path, _ in left:
        plan.add(path, [head])
    return head


def blog(plan: Plan, root: str) -> str:
    """Posts by day, a list that leads to older ones; maybe archives of months, and tags."""
    dice, head = plan.dice, root or "/"
    count, every = plan.number(30, 3_000), dice.randrange(1, 5)
    days = [date(2012, 1, 1) + timedelta(days=every * at) for at in range(count)]
    form = dice.choice(("%Y/%m/%d", "%Y/%m", "%Y"))
    posts = [f"{root}/{day:{form}}{name}" for day, name in zip(days, plan.names(count), strict=True)]
    paging = Paging.drawn(plan)
    months: dict[str, list[str]] = {}
    if plan.chance(0.5):
        for day, post in zip(days, posts, strict=True):
            months.setdefault(f"{root}/archive/{day:%Y-%m}", []).append(post)
    tags = dict(zip(plan.names(dice.randrange(5, 60), f"{root}/tag"), plan.split(posts, 40), strict=False))
    tags = tags if plan.chance(0.6) else {}
    first, *rest = paging.lay_out(head, posts[::-1])
    plan.add(first, list(months) if len(months) < 200 else [])
    for name, within in [*months.items(), *tags.items()]:
        paging.lay_out(name, within, [head])
    of_post = {post: tag for tag, within in tags.items() for post in within}
    for at, post in enumerate(posts):
        tag = [of_post[post]] if post in of_post else []
        plan.add(post, [head, *posts[max(0, at - 1) : at], *posts[at + 1 : at + 2], *tag])
    return head


def docs(plan: Plan, root: str) -> str:
    """Chapters, sections, topics; a page shows its children and those beside it, or the whole tree."""
    dice, head = plan.dice, root or "/"
    widths = [dice.randrange(4, 16), plan.number(3, 25), plan.number(2, 25)][: dice.choice((2, 3, 3))]
    even, everything = plan.chance(0.4), plan.chance(0.25)
    levels: list[list[str]] = [[head]]
    children: dict[str, list[str]] = {}
    for width in widths:
        below = []
        for path in levels[-1]:
            count = width if even else dice.randrange(0, 2 * width + 1)
            children[path] = plan.names(max(count, 2 if path == head else 0), path.rstrip("/"))
            below += children[path]
        levels.append(below)
    parents = {child: path for path, within in children.items() for child in within}
    tops = children[head]
    for path in [path for level in levels for path in level]:
        beside = children[parents[path]] if path in parents else []
        side = [each for level in levels[1:3] for each in level][:400] if everything else [*tops, *beside]
        plan.add(path, [head, *side, *children.get(path, ())])
    return head


def shop(plan: Plan, root: str) -> str:
    """Categories of products, of which some are in several; products of the same kind are named."""
    dice, head = plan.dice, root or "/"
    count = plan.number(60, MOST)
    products = plan.names(count, f"{root}/{dice.choice(FOLDERS)}")
    parts = plan.split(products, min(count, plan.number(3, 90)))
    names = plan.names(len(parts), f"{root}/{dice.choice(LISTS)}")
    if plan.chance(0.4):
        for part in parts:
            part += [each for each in dice.sample(products, len(part) // 4) if each not in part]
    menu = names if plan.chance(0.5) else []
    paging, related = Paging.drawn(plan), dice.choice((0, 0, 3, 6))
    plan.add(head, [*names, *(dice.sample(products, min(12, count)) if plan.chance(0.5) else [])])
    for name, part in zip(names, parts, strict=True):
        paging.lay_out(name, part, [head, *menu])
        for product in part:
            plan.add(product, [head, name, *dice.sample(part, min(related, len(part)))])
    return head


def forum(plan: Plan, root: str) -> str:
    """Boards of threads in pages, threads in pages, maybe people."""
    dice, head = plan.dice, root or "/"
    count = plan.number(60, 4_000)
    threads = plan.names(count, f"{root}/{dice.choice(('thread', 't', 'topic'))}")
    parts = plan.split(threads, dice.randrange(2, 20))
    boards = plan.names(len(parts), f"{root}/{dice.choice(('board', 'forum', 'f'))}")
    people = plan.names(plan.number(20, 1_500), f"{root}/member") if plan.chance(0.5) else []
    paging, answers = Paging.drawn(plan), dice.uniform(2, 25)
    plan.add(head, boards)
    for board, part in zip(boards, parts, strict=True):
        paging.lay_out(board, part, [head])
        for thread in part:
            replies = 1 + int(dice.paretovariate(1.2) * answers / 4)
            who = [dice.choice(people) for _ in range(min(replies, 400))] if people else []
            paging.lay_out(thread, who or [board] * min(replies, 400), [head, board])
    for one in people:
        plan.add(one, [head])
    return head


def wiki(plan: Plan, root: str) -> str:
    """Articles that link to any others, some far more often than others; maybe categories."""
    dice, head = plan.dice, root or "/"
    count = plan.number(60, 6_000)
    articles = plan.names(count, f"{root}/wiki")
    power, degree = dice.choice((0.0, 0.5, 0.8)), dice.randrange(4, 40)
    order = dice.sample(range(count), count)
    weights = [(order[at] + 1) ** -power for at in range(count)]
    ends = dice.choices(articles, weights, k=count * degree)
    plan.add(head, articles[:: max(1, count // 20)])
    for at, article in enumerate(articles):
        shown = dice.randrange(1, degree + 1)
        plan.add(article, [head, articles[(at + 1) % count], *ends[at * degree : at * degree + shown]])
    if plan.chance(0.4):
        paging, parts = Paging.drawn(plan), plan.split(articles, min(count, dice.randrange(5, 60)))
        for name, part in zip(plan.names(len(parts), f"{root}/category"), parts, strict=True):
            paging.lay_out(name, part, [head])
            for article in part:
                plan.add(article, [name])
    return head


def news(plan: Plan, root: str) -> str:
    """Sections that show their newest articles only; older ones are found from others."""
    dice, head = plan.dice, root or "/"
    sections = plan.names(dice.randrange(3, 12), f"{root}/{dice.choice(LISTS)}")
    related = dice.randrange(2, 9)
    plan.add(head, sections)
    for section in sections:
        articles = plan.names(plan.number(40, 600), section if plan.chance(0.5) else f"{root}/story")
        plan.add(section, [head, *sections, *articles[:30]])
        for at, article in enumerate(articles):
            near = articles[at + 1 : at + 2]
            others = dice.sample(articles, min(related, len(articles)))
            plan.add(article, [head, *sections, *near, *others])
    return head


def unlinked(plan: Plan, root: str) -> str:
    """A few linked pages; most are in the sitemap only."""
    dice, head = plan.dice, root or "/"
    items = plan.names(plan.number(100, MOST), f"{root}/{dice.choice(FOLDERS)}")
    few = items[: dice.randrange(5, 40)]
    plan.add(head, few)
    for item in items:
        plan.add(item, [head, *plan.dice.sample(few, 3)])
    return head


def small(plan: Plan, root: str) -> str:
    """A front page that leads to all others."""
    head = root or "/"
    names = plan.names(plan.number(5, 120), root)
    plan.add(head, names)
    for name in names:
        plan.add(name, [head, *names[:5]])
    return head


KINDS = (flat, tree, blog, docs, shop, forum, wiki, news, unlinked, small)
