"""Promises about the data of a seed on the site: their form and their pages."""
