"""Trying pages on the site: its forms, and the box for collections that the seed form uses too."""
