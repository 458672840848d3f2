"""Slots and the clock: when seeds are due, the decision about each due time, and the entries of RedBeat."""
