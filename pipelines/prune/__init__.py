"""Deleting what is no longer needed, in short transactions, so that crawling goes on meanwhile.

- visits of runs that ended more than VISIT_RETENTION_DAYS ago, runs that ended RUN_RETENTION_DAYS ago;
- exports made (or given up) EXPORT_RETENTION_DAYS ago, with their files;
- forecasts that ended 90 days ago, but for the last of each seed;
- messages that were delivered or given up, made 90 days ago; what a channel that is off has too much of;
- everything of a seed that was deleted more than a day ago, once no run of it is open;
- versions that their seed does not keep;
- segments without a snapshot; a segment of which little is needed is copied without what is not;
- files in the archive that no row refers to;
- the room in SQLite's file that this has left free.
"""

from pipelines.prune.leftovers import GRACE, orphans
from pipelines.prune.passes import prune, prune_in_turn, seeds_wait

__all__ = ["GRACE", "orphans", "prune", "prune_in_turn", "seeds_wait"]
