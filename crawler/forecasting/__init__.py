"""Forecasting: how large a site is, said after at most fifty requests. All pure: no network, no tables.

:mod:`.choosing` says which address is asked for next, :mod:`.sizes` how many pages there are of each kind,
:mod:`.forecast` puts all of it together. What was seen so far is a :class:`.seen.Survey`.
"""
