"""How soon a page is fetched that somebody wants now, with Crawlbeat and with plain Celery."""
