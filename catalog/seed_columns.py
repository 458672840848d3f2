"""Columns of a seed, made from its definition: ranges and defaults are declared in :mod:`crawler.seeds`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.db import models

from crawler.policy import ChangeMeans
from crawler.seeds import CatchUp, Overlap, Problem, Schedule
from crawler.seeds.definition import CHOICES
from crawler.seeds.numbers import numbers, range_of

CHECKED_BY_COLUMNS = frozenset((*numbers(), *CHOICES))


def bounds(name: str) -> list[BaseValidator]:
    """The validators of a number's column: it must be in its range."""
    least, most = range_of(name)
    return [MinValueValidator(least), MaxValueValidator(most)]


def words_of(choices: type[Schedule | Overlap | CatchUp | ChangeMeans]) -> list[tuple[str, str]]:
    """The choices of a column: each word that is stored, and its label for people."""
    return [(choice.value, choice.label) for choice in choices]


def within(name: str) -> models.Q:
    """The condition of a constraint: a number is in its range."""
    return models.Q(**{f"{name}__range": tuple(range_of(name))})


def one_of(name: str, choices: type[Enum]) -> models.Q:
    """The condition of a constraint: a choice is one of these."""
    return models.Q(**{f"{name}__in": [choice.value for choice in choices]})


def sentences(problems: Iterable[Problem]) -> dict[str, list[str]]:
    """What is wrong, by field."""
    by_field: dict[str, list[str]] = {}
    for problem in problems:
        by_field.setdefault(problem.field, []).append(str(problem))
    return by_field
