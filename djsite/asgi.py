"""The ASGI application: Django's, with threads of their own for pages, downloads, programs and monitors."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import Resolver404, get_resolver, resolve

from crawler.structs import prepare_structs
from djsite.front.bridge import Bridge
from djsite.front.threads import Threads
from scheduler.process.lifeline import die_with_parent_if_asked

die_with_parent_if_asked()  # granian's worker process loads this file, and would outlive granian
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djsite.settings")

_django = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  imports all views, and what they read
prepare_structs()
_pages = Threads("pages", settings.SITE_THREADS, waiting=200)
_downloads = Threads("downloads", settings.DOWNLOAD_THREADS, waiting=50)
_api = Threads("api", settings.API_THREADS, waiting=200)
_health = Threads("health", settings.HEALTH_THREADS, waiting=20)
_KINDS = {"health": _health, "metrics": _health}


def threads_of(path: str) -> Threads:
    """The threads for a path: downloads, which may take long, hold up no pages."""
    if path.startswith("/api/"):
        return _api
    try:
        route = resolve(path)
    except Resolver404:
        return _pages
    if getattr(route.func, "is_download", False):
        return _downloads
    return _KINDS.get(route.url_name or "", _pages)


gc.freeze()  # what is loaded stays: to look through it again and again would halt some answers for 100 ms
application = Bridge(_django, threads_of, settings.SEND_SECONDS)
