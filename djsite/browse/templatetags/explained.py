"""Filters for explanations: steps and marks in words."""

from __future__ import annotations

from django import template

from djsite.desk.explain.explanation import Mark
from djsite.desk.explain.words import MARKS, TITLES, TONES

register = template.Library()


@register.filter
def step_title(name: str) -> str:
    """The name of a step."""
    return TITLES.get(name, name)


@register.filter
def mark_words(mark: Mark) -> str:
    """A mark as a word."""
    return MARKS[mark]


@register.filter
def mark_tone(mark: Mark) -> str:
    """A mark as the tone of its tag."""
    return TONES[mark]
