"""Quality: what a run that has ended read of each collection, beside what earlier runs read; and repair.

:mod:`pipelines.quality.child` is a process of its own, without tables: nothing is imported here.
"""
