"""The app of sign-in by a provider and of second factors."""

from __future__ import annotations

from django.apps import AppConfig


class SsoConfig(AppConfig):
    name = "djsite.sso"
    label = "sso"
