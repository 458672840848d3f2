"""Making and changing a seed in the site's own frame: one page, with everything rare folded."""
