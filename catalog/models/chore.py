"""Chore: work of the whole installation that one worker at a time does."""

from __future__ import annotations

from django.db import models


class Chore(models.Model):
    """Who does it, by the token of a lease; a lease that has run out may be taken over.

    Of work that goes through a table now and then, also where it is and what it came to the last time.
    """

    name = models.CharField(max_length=40, unique=True)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    place = models.BigIntegerField(default=0)  # rows up to this id are done
    done_at = models.DateTimeField(null=True)  # when it was through last
    result = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name
