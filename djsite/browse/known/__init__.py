"""Known failures on the site."""
