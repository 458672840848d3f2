"""Forecasts: how large a site is, asked of the site itself before a seed is saved or run.

:mod:`.work` is the entry: it goes on with a forecast for some seconds, under a lease on its row. It asks
through the hosts' own leases and pace (:mod:`.asking`), and reads what came in a process that may be killed.
"""
