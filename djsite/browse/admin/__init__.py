"""The admin: seeds to write, everything else to look at."""

from djsite.browse.admin import people, readonly, seed

__all__ = ["people", "readonly", "seed"]
