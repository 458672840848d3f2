"""Who somebody is at a provider, their second factor, and which roles must have one."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models

from catalog.sealing import SealedText


class Identity(models.Model):
    """An account as its provider knows it. A subject never changes; names and mail addresses do."""

    person = models.ForeignKey(User, models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)  # OpenID Connect Core 1.0, section 2: at most 255 characters
    by_group = models.BooleanField(default=False)  # the role came from a group, and goes with it
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("issuer", "subject", name="one_person_a_subject"),
            models.UniqueConstraint("person", "issuer", name="one_subject_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"


class SecondFactor(models.Model):
    """The secret that an app on somebody's telephone makes codes from (RFC 6238)."""

    person = models.OneToOneField(User, models.CASCADE, related_name="second_factor")
    secret = SealedText()
    last_step = models.BigIntegerField()  # of 30 s since 1970: no code of this or an earlier one is taken
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"second factor of {self.person.get_username()}"


class RecoveryCode(models.Model):
    """A code for whoever has lost the telephone; its row goes when it is used."""

    person = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint("person", "digest", name="one_row_a_recovery_code")]

    def __str__(self) -> str:
        return f"recovery code of {self.person.get_username()}"


class RequiredFor(models.Model):
    """A role whose people must have a second factor."""

    role = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.role
