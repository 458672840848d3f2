"""Trying a page: at once on the command line (``here``), by a worker for the site (``site``)."""
