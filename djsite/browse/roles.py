"""Who may do what: every view of the site needs one of these permissions. The desk checks those for a seed.

A viewer looks and downloads; an operator also writes seeds and steers runs; staff also manage users. The
groups are made in :mod:`djsite.browse.apps`.
"""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required

may_look = permission_required("catalog.view_seed", raise_exception=True)
may_download = permission_required("catalog.add_export", raise_exception=True)
may_change_seeds = permission_required("catalog.change_seed", raise_exception=True)
may_start_runs = permission_required("catalog.add_run", raise_exception=True)
may_steer_runs = permission_required("catalog.change_run", raise_exception=True)
