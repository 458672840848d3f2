"""Data and pages as they were at a moment: what the site, the command line and programs ask for."""
