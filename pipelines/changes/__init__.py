"""The feed of changes: every page and record that is new, changed or gone since a cursor.

Latest state once each, deletions included, in the order of commits. Whatever tells people or programs what
changed reads this feed and nothing else.
"""

from pipelines.changes.cursor import START, Cursor
from pipelines.changes.feed import Change, read_changes, read_part

__all__ = ["START", "Change", "Cursor", "read_changes", "read_part"]
