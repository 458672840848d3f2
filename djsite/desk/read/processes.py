"""Signs of life of our processes.

Apart from :mod:`djsite.desk.health`, because containers ask for them all the time and must import little.
"""

from scheduler.process.heartbeats import age, lost_after

__all__ = ["age", "lost_after"]
