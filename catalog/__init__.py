"""The tables, safe to import in workers: no views, no URLs, no templates."""
