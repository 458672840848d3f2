"""Recipes that need no selector: JSON-LD, microdata, or a graph of linked data. Traps: a second recipe beside
the first as a bare name, ratings that are not the recipe's, durations (ISO 8601), lists of ingredients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakeweb.sites.facts import PEOPLE, changes, dice_of, e, linked_data, listed, name_of
from tests.fakeweb.sites.site import Design, Fact, FactSite, Paging, html_page, page_numbers

_LISTS, _ITEMS = ["*/list*", "*/picks"], ["*/item/*"]
_FOODS = (
    "200 g flour",
    "3 eggs",
    "½ l milk",
    "1 pinch of salt",
    "2 onions",
    "100 g butter",
    "1 lemon & its zest",
)


@dataclass(frozen=True)
class Recipe(Fact):
    """A recipe."""

    number: int
    name: str
    author: str
    minutes: int
    servings: int
    calories: str | None
    ingredients: tuple[str, ...]

    @property
    def slug(self) -> str:
        return f"recipe-{self.number + 1}"

    @property
    def duration(self) -> str:
        hours, minutes = divmod(self.minutes, 60)
        return f"PT{hours}H{minutes}M" if hours else f"PT{minutes}M"


def _linked(recipe: Recipe) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@type": "Recipe", "name": recipe.name, "author": {"@type": "Person", "name": recipe.author},
        "totalTime": recipe.duration, "recipeYield": str(recipe.servings),
        "recipeIngredient": list(recipe.ingredients),
    }  # fmt: skip
    if recipe.calories:
        data["nutrition"] = {"@type": "NutritionInformation", "calories": recipe.calories}
    return data


def _linked_list(recipes: Sequence[Recipe], paging: Paging) -> str:
    entries = [
        {"@type": "ListItem", "position": at + 1, "url": each.path, "name": each.name}
        for at, each in enumerate(recipes)
    ]
    cards = "".join(f'<div class="card"><a href="{each.path}">{e(each.name)}</a></div>' for each in recipes)
    more = f'<a rel="next" href="{paging.next}">More</a>' if paging.next else ""
    return html_page(
        "Recipes", cards + more, head=linked_data({"@type": "ItemList", "itemListElement": entries})
    )


def _linked_item(recipe: Recipe, others: Sequence[Recipe]) -> str:
    beside = listed([f"{other.name}, {other.minutes} min" for other in others])
    return html_page(
        recipe.name,
        f"<ul>{listed(recipe.ingredients)}</ul><aside><ul>{beside}</ul></aside>",
        head=linked_data(_linked(recipe)),
    )


def _rules(card: dict[str, Any], prefix: str, kind: str) -> list[dict[str, Any]]:
    """Rules that differ only in where the data are."""
    return [
        card,
        {
            "name": "recipes", "pages": _ITEMS, "key": ["name"],
            "fields": [
                {"name": "name", kind: f"{prefix}.name", "required": True},
                {"name": "author", kind: f"{prefix}.author.name"},
                {"name": "duration", kind: f"{prefix}.totalTime"},
                {"name": "servings", kind: f"{prefix}.recipeYield", "type": "number"},
                {"name": "calories", kind: f"{prefix}.nutrition.calories"},
                {"name": "ingredients", kind: f"{prefix}.recipeIngredient[]", "many": True},
            ],
        },
    ]  # fmt: skip


_A = _rules(
    {
        "name": "cards", "pages": _LISTS, "items": {"jsonld": "ItemList.itemListElement[]"}, "key": ["url"],
        "next": {"css": "a[rel=next]::attr(href)"},
        "fields": [
            {"name": "url", "json": "url", "type": "url", "required": True},
            {"name": "name", "json": "name", "required": True},
        ],
    },
    "Recipe",
    "jsonld",
)  # fmt: skip


def _micro_list(recipes: Sequence[Recipe], paging: Paging) -> str:
    cards = "".join(
        f'<article class="kachel"><a href="{each.path}"><img data-src="/img/{each.slug}.jpg" alt="">'
        f"<h2>{e(each.name)}</h2></a></article>"
        for each in recipes
    )
    return html_page("Rezepte", cards + page_numbers(paging), language="de")


def _micro_item(recipe: Recipe, others: Sequence[Recipe]) -> str:
    food = "".join(f'<li itemprop="recipeIngredient">{e(each)}</li>' for each in recipe.ingredients)
    beside = "".join(
        f'<div itemscope itemtype="https://schema.org/WebPage"><span itemprop="name">{e(other.name)}'
        f"</span></div>"
        for other in others
    )
    energy = (
        '<div itemprop="nutrition" itemscope itemtype="https://schema.org/NutritionInformation">'
        f'<span itemprop="calories">{recipe.calories}</span></div>'
        if recipe.calories
        else ""
    )
    return html_page(
        "Rezept",
        f'{beside}<div itemscope itemtype="https://schema.org/Recipe"><h2 '
        f'itemprop="name">{e(recipe.name)}</h2>'
        '<p itemprop="author" itemscope itemtype="https://schema.org/Person">Von '
        f'<b itemprop="name">{e(recipe.author)}</b></p><time itemprop="totalTime" '
        f'datetime="{recipe.duration}">'
        f'{recipe.minutes} Minuten</time><p>Für <span itemprop="recipeYield">{recipe.servings}</span>'
        f"</p>{energy}"
        f"<ul>{food}</ul></div>",
        language="de",
    )


_B = _rules(
    {
        "name": "cards", "pages": _LISTS, "items": {"css": ".kachel"}, "key": ["url"],
        "next": {"css": "b.current + a::attr(href)"},
        "fields": [
            {"name": "url", "css": "a::attr(href)", "type": "url", "required": True},
            {"name": "name", "css": "h2", "required": True},
        ],
    },
    "Recipe",
    "microdata",
)  # fmt: skip


def _graph_list(recipes: Sequence[Recipe], paging: Paging) -> str:
    rows = "".join(
        f'<tr><td>{at + 1}.</td><td><a href="{each.path}">{e(each.name)}</a></td></tr>'
        for at, each in enumerate(recipes)
    )
    more = f'<button data-more="{paging.next}">More</button>' if paging.next else ""
    return html_page(
        "Recipes", f'<table class="index"><tr><th>No.</th><th>Recipe</th></tr>{rows}</table>{more}'
    )


def _graph_item(recipe: Recipe, others: Sequence[Recipe]) -> str:
    graph = [
        {"@type": "WebSite", "name": "Recipes"},
        {"@type": "Person", "name": "The editor"},
        _linked(recipe),
    ]
    pages = [{"@type": "WebPage", "name": other.name} for other in others]
    return html_page("A recipe", f"<p>{e(recipe.name)}</p>", head=linked_data({"@graph": [*graph, *pages]}))


_C = _rules(
    {
        "name": "cards", "pages": _LISTS, "items": {"css": "table.index tr:has(td)"}, "key": ["url"],
        "next": {"css": "button::attr(data-more)"},
        "fields": [
            {"name": "url", "css": "a::attr(href)", "type": "url", "required": True},
            {"name": "name", "column": "Recipe", "required": True},
        ],
    },
    "Recipe",
    "jsonld",
)  # fmt: skip


@dataclass
class Recipes(FactSite[Recipe]):
    """Recipes, as cards on lists and whole on their own pages."""

    name = "recipes"
    designs = {
        "a": Design(_linked_list, _linked_item, _A),
        "b": Design(_micro_list, _micro_item, _B, backwards=True),
        "c": Design(_graph_list, _graph_item, _C),
    }

    def fact(self, number: int, revision: int) -> Recipe:
        dice = dice_of("recipes", number, changes(number, revision))
        fixed = dice_of("recipes", number)
        return Recipe(
            number=number,
            name=f"{name_of(number)} soup",
            author=fixed.choice(PEOPLE),
            minutes=dice.randint(10, 200),
            servings=fixed.randint(1, 8),
            calories=f"{fixed.randint(90, 900)} kcal" if number % 4 else None,
            ingredients=tuple(fixed.sample(_FOODS, fixed.randint(1, 5))),
        )

    def list_values(self, fact: Recipe) -> dict[str, Any]:
        return {"url": self.base + fact.path, "name": fact.name}

    def item_values(self, fact: Recipe) -> dict[str, Any]:
        return {
            "name": fact.name,
            "author": fact.author,
            "duration": fact.duration,
            "servings": fact.servings,
            "calories": fact.calories,
            "ingredients": list(fact.ingredients),
        }
