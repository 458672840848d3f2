"""Events: what happened to records, pages and seeds, as rows in the transactions that made it so.

Those who make something new, changed or gone say so here. What lists, alerts and feeds show is read from
these rows and from nothing else.
"""
