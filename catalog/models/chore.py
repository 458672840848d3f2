"""Chore: work of the whole installation that one worker at a time does."""

from __future__ import annotations

from django.db import models


class Chore(models.Model):
    """Who does it, by the token of a lease; a lease that has run out may be taken over."""

    name = models.CharField(max_length=40, unique=True)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
