"""Reading stored pages again: asked for, looked at, and used or dropped."""

from djsite.desk.rereadings.asking import ask, drop, latest, promote
from pipelines.rereading import NoRereading, Progress, progress_of

__all__ = ["NoRereading", "Progress", "ask", "drop", "latest", "progress_of", "promote"]
