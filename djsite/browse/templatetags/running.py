"""Filters of the pages of runs."""

from __future__ import annotations

from django import template

from djsite.desk.steering.leaving_out import folder_of

register = template.Library()
register.filter("folder", folder_of)
