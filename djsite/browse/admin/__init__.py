"""The admin: seeds to write, everything else to look at."""

from djsite.browse.admin import seed

__all__ = ["seed"]
