"""Tokens: what programs may do in somebody's name, and what they wrote."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone


class Token(models.Model):
    """A secret with which a program asks the API. Only its digest is kept; its text is shown once."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "may look"
        OPERATOR = "operator", "may look, run and change"

    PREFIX = "cb_"  # by which a secret that leaked is recognised

    name = models.CharField(max_length=100)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    role = models.CharField(max_length=8, choices=Role, default=Role.VIEWER)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)  # null: never
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def new_secret(cls) -> str:
        """A random text of 256 bits."""
        return cls.PREFIX + secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(secret: str) -> str:
        """SHA-256 in hex: a secret of 256 random bits needs no slow hash."""
        return hashlib.sha256(secret.encode()).hexdigest()


class ApiWrite(models.Model):
    """The answer to a write with an idempotency key: the same call again gets it, and does nothing."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="writes")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)  # of method, path and body: a key is of one call only
    status = models.PositiveSmallIntegerField(null=True)  # null: the call is being answered
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_write_once")]

    def __str__(self) -> str:
        return self.key
