"""Reading stored pages again on the site: its form and its pages."""
