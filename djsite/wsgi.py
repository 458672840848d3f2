"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from scheduler.process.lifeline import die_with_parent_if_asked

die_with_parent_if_asked()  # granian's worker process loads this file, and would outlive granian
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djsite.settings")
application = get_wsgi_application()
