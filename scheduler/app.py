"""The Celery app, and nothing else: settings are in ``scheduler.config``, tasks in ``scheduler.tasks``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djsite.settings")
# System checks import the URLconf and with it every view; a worker must hold none. ``migrate`` runs them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("crawlbeat")
app.config_from_object("scheduler.config")
