"""The product's settings with the apps of every extra, for mypy: it knows the tables of these apps only."""

from __future__ import annotations

from djsite.settings import *  # noqa: F403
from djsite.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "djsite.sso.apps.SsoConfig"]
