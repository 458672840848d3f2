"""The admin: seeds to write, everything else to look at."""

from djsite.browse.admin import readonly, seed

__all__ = ["readonly", "seed"]
