"""Who may do what: every view of the site needs one of these permissions. The desk checks those for a seed.

A viewer looks, downloads and has alerts; an operator also writes seeds and steers runs; staff also manage
users. The groups are made in :mod:`djsite.browse.apps`.
"""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest

may_look = permission_required("catalog.view_seed", raise_exception=True)
may_download = permission_required("catalog.add_export", raise_exception=True)
may_add_seeds = permission_required("catalog.add_seed", raise_exception=True)
may_change_seeds = permission_required("catalog.change_seed", raise_exception=True)
may_delete_seeds = permission_required("catalog.delete_seed", raise_exception=True)
may_start_runs = permission_required("catalog.add_run", raise_exception=True)
may_have_alerts = permission_required("catalog.add_alert", raise_exception=True)
may_steer_runs = permission_required("catalog.change_run", raise_exception=True)


def can_look(request: HttpRequest) -> bool:
    """Whether the one who asks may see the site; also before anybody has looked who it is."""
    user = getattr(request, "user", None)
    return bool(user and user.has_perm("catalog.view_seed"))
