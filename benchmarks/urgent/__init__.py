"""How soon an urgent page is fetched, with Crawlbeat and with plain Celery."""
