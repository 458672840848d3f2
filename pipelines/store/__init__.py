"""The store stage: the only writer of results. One transaction a batch, idempotent by the batch's id."""

from pipelines.store.attempts import NotParsed
from pipelines.store.batch import Stored, store_batch

__all__ = ["NotParsed", "Stored", "store_batch"]
