"""The ASGI application: Django's, with threads for pages, others for downloads and others for monitors."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import Resolver404, resolve

from djsite.front.bridge import Bridge
from djsite.front.threads import Threads
from scheduler.process.lifeline import die_with_parent_if_asked

die_with_parent_if_asked()  # granian's worker process loads this file, and would outlive granian
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djsite.settings")

_django = get_wsgi_application()
_pages = Threads("pages", settings.SITE_THREADS, waiting=200)
_downloads = Threads("downloads", settings.DOWNLOAD_THREADS, waiting=50)
_health = Threads("health", settings.HEALTH_THREADS, waiting=20)
_KINDS = {
    "download": _downloads,
    "export-file": _downloads,
    "version-raw": _downloads,
    "version-whole": _downloads,
    "health": _health,
    "metrics": _health,
}


def threads_of(path: str) -> Threads:
    """The threads for a path, by the name of its route."""
    try:
        return _KINDS.get(resolve(path).url_name or "", _pages)
    except Resolver404:
        return _pages


application = Bridge(_django, threads_of, settings.SEND_SECONDS)
