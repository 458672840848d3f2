"""Slots and the clock: when seeds are due, what becomes of each due time, and the entries of RedBeat."""
