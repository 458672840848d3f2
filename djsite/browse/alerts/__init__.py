"""Alerts on the site: their form and their pages."""
