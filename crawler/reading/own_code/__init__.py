"""Extractors that people write in Python: files in the data folder, and entry points.

Their code runs only in processes of :mod:`crawler.reading.own_code.child`, which parsers start and end
(:mod:`crawler.reading.own_code.server`): never in a process that knows a setting, a table or a secret.
"""

from crawler.reading.own_code.results import Link, Record

__all__ = ["Link", "Record"]
