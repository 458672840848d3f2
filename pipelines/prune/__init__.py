"""Deleting what is no longer needed, in short transactions, so that crawling goes on meanwhile.

- visits of runs that ended more than VISIT_RETENTION_DAYS ago, runs that ended RUN_RETENTION_DAYS ago;
- exports made (or given up) EXPORT_RETENTION_DAYS ago, with their files;
- everything of a deleted seed, once no run of it is open;
- segments without a snapshot; a segment of which little is needed is copied without what is not;
- files in the archive that no row refers to;
- the room in SQLite's file that this has left free.
"""

from pipelines.prune.leftovers import GRACE, orphans
from pipelines.prune.passes import prune, prune_in_turn, seeds_wait

__all__ = ["GRACE", "orphans", "prune", "prune_in_turn", "seeds_wait"]
