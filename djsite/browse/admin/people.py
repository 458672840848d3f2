"""Accounts and roles: Django's own pages, with a history that has old and new values."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from djsite.browse.admin.audited import Audited

admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(Audited, UserAdmin):  # type: ignore[type-arg]
    """Accounts, written by staff with the permission."""


@admin.register(Group)
class RoleAdmin(Audited, GroupAdmin):
    """Roles, likewise."""
