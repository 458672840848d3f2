"""Who may do what: every view of the site is behind one of these.

A viewer looks and downloads; an operator also writes seeds and steers runs; staff also manage users. The
groups are made in :mod:`djsite.browse.apps`.
"""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from catalog.models import Seed

may_look = permission_required("catalog.view_seed", raise_exception=True)
may_download = permission_required("catalog.add_export", raise_exception=True)
may_change_seeds = permission_required("catalog.change_seed", raise_exception=True)
may_start_runs = permission_required("catalog.add_run", raise_exception=True)
may_steer_runs = permission_required("catalog.change_run", raise_exception=True)


def may_open_networks(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Only staff let the crawler reach private networks: it can see what is behind the firewall."""
    return bool(getattr(user, "is_staff", False))


def may_steer(user: AbstractBaseUser | AnonymousUser, seed: Seed) -> bool:
    """Whether somebody may say where a seed goes, or copy it.

    Where staff opened private networks for it, only staff may: whoever else could reach any host in them.
    """
    return may_open_networks(user) or not seed.allow_networks.strip()
