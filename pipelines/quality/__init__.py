"""Quality: what a run that has ended read of each collection, beside what earlier runs read."""

from pipelines.quality.measure import measure_run

__all__ = ["measure_run"]
