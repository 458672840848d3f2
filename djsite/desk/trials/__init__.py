"""Trying a page on the command line (``here``) or by a worker for the site (``site``); repairing rules."""
