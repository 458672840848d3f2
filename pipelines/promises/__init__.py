"""Promises about data: what must be there by when; checked at the deadline and when a run has ended."""

from pipelines.promises.checking import check_due, check_seed, put_in_force
from pipelines.promises.holds import Hold, holds_of

__all__ = ["Hold", "check_due", "check_seed", "holds_of", "put_in_force"]
