"""Changes: the feed, for the command line and the site."""

from pipelines.changes import START, Change, Cursor, read_changes, read_part

__all__ = ["START", "Change", "Cursor", "read_changes", "read_part"]
