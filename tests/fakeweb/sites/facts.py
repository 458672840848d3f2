"""What the sites' facts are made of: which items there are at a revision, and how values are written."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from typing import Any, NamedTuple

FIRST_DAY = date(2026, 1, 5)
MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
        "November", "Dezember",
    ),
}  # fmt: skip
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
ADJECTIVES = (
    "Amber", "Blue", "Calm", "Deep", "Early", "Fine", "Grand", "Höher", "Inner", "Jolly", "Keen", "Light",
    "Möbius", "Noble", "Open",
)  # fmt: skip
NOUNS = (
    "Anchor", "Bridge", "Castle", "Dune", "Engine", "Forest", "Garden", "Harbour", "Island", "Journal",
    "Kettle", "Lantern", "Mill",
)  # fmt: skip
PEOPLE = (
    "Ana Abreu", "Bo Brandt", "Cleo Conrad", "Dörte Dahl", "Émile Eluard", "Fay O'Neill", "Gül Günay",
)  # fmt: skip
PLACES = ("Aachen", "Bergen", "Cádiz", "Dublin", "Évora", "Freiburg", "Graz")


class Money(NamedTuple):
    """An amount in hundredths of a currency."""

    cents: int
    currency: str = "EUR"

    @property
    def value(self) -> dict[str, Any]:
        """As a record has it."""
        return {"amount": self.cents / 100, "currency": self.currency}

    @property
    def plain(self) -> str:
        """As data write it: 1234.50."""
        return f"{self.cents / 100:.2f}"

    @property
    def english(self) -> str:
        """As €1,234.50."""
        return f"{SYMBOLS[self.currency]}{self.cents / 100:,.2f}"

    @property
    def german(self) -> str:
        """As 1.234,50 €; other currencies by their code."""
        sign = "€" if self.currency == "EUR" else self.currency
        return f"{german(self.plain)} {sign}"


def german(number: str) -> str:
    """A number of data, such as 1234.50, in German: 1.234,50."""
    whole, point, rest = number.partition(".")
    return f"{int(whole):,}".replace(",", ".") + ("," if point else "") + rest


def day_in_words(day: date, language: str) -> str:
    """2 March 2026, or 2. März 2026."""
    return f"{day.day}{'.' if language == 'de' else ''} {MONTHS[language][day.month - 1]} {day.year}"


def dice_of(*parts: object) -> random.Random:
    """Dice that always fall alike for the same parts."""
    return random.Random("/".join(map(str, parts)))


def name_of(number: int) -> str:
    """A name of its own for each number."""
    return f"{ADJECTIVES[number % len(ADJECTIVES)]} {NOUNS[number * 7 % len(NOUNS)]} {number + 1}"


def day_of(number: int) -> date:
    """A day in 2026 or after."""
    return FIRST_DAY + timedelta(days=number * 3 % 700)


def alive(size: int, revision: int) -> list[int]:
    """The numbers of the items at a revision: each revision has new ones, and some are gone for good.

    At revision 0 there are ``size``; each further one adds a tenth. Every tenth item goes at one of the
    first five revisions.
    """
    born = size + revision * max(1, size // 10)
    return [number for number in range(born) if number >= size or not _is_gone(number, revision)]


def _is_gone(number: int, revision: int) -> bool:
    return number % 10 == 7 and revision > number // 10 % 5


def changes(number: int, revision: int) -> int:
    """How often an item has changed up to a revision: once in four."""
    return (number + revision) // 4 - number // 4


def prose(*parts: object, sentences: int = 6) -> str:
    """Some sentences, the same for the same parts."""
    dice = dice_of("prose", *parts)
    words = [word.lower() for word in ADJECTIVES + NOUNS + PLACES]
    return " ".join(
        " ".join(dice.choices(words, k=dice.randint(8, 16))).capitalize() + "." for _ in range(sentences)
    )


def e(text: object) -> str:
    """Text as markup, also within attributes."""
    return escape(str(text))


def data_script(kind: str, data: Any, name: str = "") -> str:
    """A script element that holds data."""
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return f'<script{f" id={name}" if name else ""} type="{kind}">{text}</script>'


def linked_data(data: Any) -> str:
    """A script element with JSON-LD."""
    return data_script("application/ld+json", {"@context": "https://schema.org", **data})


def listed(items: Sequence[object], tag: str = "li") -> str:
    """Each as an element."""
    return "".join(f"<{tag}>{e(item)}</{tag}>" for item in items)
