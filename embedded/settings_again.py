"""Reads the settings again in a forked child, whose environment is not that of the process it came from."""

from __future__ import annotations

import importlib
import sys

from django.conf import settings
from django.db import connections

import scheduler.config
from djsite import settings as own_settings
from scheduler.app import app


def read_settings_again() -> None:
    """Make Django and Celery use the settings of the environment as it is now.

    To be called before the process has used its database.
    """
    importlib.reload(own_settings)
    module = sys.modules[settings.SETTINGS_MODULE]
    if module is not own_settings:  # the tests have settings that begin with ours
        importlib.reload(module)
    for name in filter(str.isupper, dir(module)):
        setattr(settings, name, getattr(module, name))
    connections.settings.update(connections.configure_settings(settings.DATABASES))
    for connection in connections.all(initialized_only=True):
        del connections[connection.alias]  # made with the settings before
    app.config_from_object(importlib.reload(scheduler.config), force=True)
