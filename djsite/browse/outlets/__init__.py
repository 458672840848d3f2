"""Outlets and their shipments on the site."""
