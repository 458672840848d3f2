"""The app of the site."""

from django.apps import AppConfig


class BrowseConfig(AppConfig):
    name = "djsite.browse"
    label = "browse"
