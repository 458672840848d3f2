"""The apps of the site and of its admin."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.apps.registry import apps as current_apps
from django.contrib.admin.apps import SimpleAdminConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate


class BrowseConfig(AppConfig):
    name = "djsite.browse"
    label = "browse"

    def ready(self) -> None:
        # Not a data migration: a flush between tests, too, must leave the roles in place. auth comes after
        # catalog in INSTALLED_APPS, so the catalog's permissions exist when its signal arrives.
        post_migrate.connect(make_roles, sender=current_apps.get_app_config("auth"))


class CrawlbeatAdminConfig(SimpleAdminConfig):
    """The admin, open to operators as well as to staff; autodiscover still runs in ``djsite.urls`` only."""

    default_site = "djsite.browse.admin_site.CrawlbeatAdminSite"


def make_roles(using: str = DEFAULT_DB_ALIAS, apps: Apps = current_apps, **_: Any) -> None:
    """Create the groups of :data:`ROLES` with their permissions; permissions that were added by hand stay."""
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    permissions = {
        permission.codename: permission
        for permission in permission_model.objects.using(using).filter(content_type__app_label="catalog")
    }
    for name, codenames in ROLES.items():
        group, _created = group_model.objects.using(using).get_or_create(name=name)
        group.permissions.add(*(permissions[codename] for codename in codenames if codename in permissions))


_LOOK = tuple(
    f"view_{model}"
    for model in ("seed", "run", "visit", "attempt", "page", "snapshot", "record", "host", "export", "alert")
)
ROLES: dict[str, tuple[str, ...]] = {
    "viewer": (*_LOOK, "add_export", "add_alert"),
    "operator": (
        *_LOOK,
        "add_export",
        "add_alert",
        "change_alert",
        "delete_alert",
        "add_seed",
        "change_seed",
        "delete_seed",
        "add_run",
        "change_run",
    ),
}
