"""What templates are told about sign-in by a provider and second factors; asked for when shown."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest

from djsite.sso import factors
from djsite.sso.forms import RequireForm
from djsite.sso.models import Identity, RecoveryCode, SecondFactor

CONNECT_SALT = "djsite.sso.connect"
CONNECT_SECONDS = 3600  # that a page with the link to connect is good for


class Sso:
    """Everything about the person who looks; each part is a query of its own, made when it is asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def provider(self) -> str:
        """The name of the provider; empty if there is none."""
        return settings.OIDC_NAME if settings.OIDC_ISSUER else ""

    @cached_property
    def factor(self) -> SecondFactor | None:
        """One's own."""
        return SecondFactor.objects.filter(person=self._person).first()

    @property
    def codes_left(self) -> int:
        """One's own recovery codes that were not used yet."""
        return RecoveryCode.objects.filter(person=self._person).count()

    @property
    def is_required(self) -> bool:
        """Whether one must have a second factor."""
        return factors.is_required_of(self._person)

    @property
    def is_connected(self) -> bool:
        """Whether one can sign in by the provider."""
        return Identity.objects.filter(person=self._person, issuer=settings.OIDC_ISSUER).exists()

    @property
    def connect(self) -> str:
        """A part of the link that connects one's account: nobody else can write it, as a form's token."""
        return signing.dumps(self._person.pk, salt=CONNECT_SALT)

    @cached_property
    def with_factor(self) -> set[int]:
        """The accounts that have one."""
        return set(SecondFactor.objects.values_list("person_id", flat=True))

    @property
    def require_form(self) -> RequireForm:
        """Which roles must have one."""
        return RequireForm(initial={"roles": sorted(factors.required_roles())}, auto_id="require-%s")

    @property
    def _person(self) -> User:
        assert isinstance(self._request.user, User), "only pages behind the login show this"
        return self._request.user


def sso(request: HttpRequest) -> dict[str, Sso]:
    """The context processor."""
    return {"sso": Sso(request)}
