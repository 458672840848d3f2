"""The web, one URL at a time: addresses, rules, politeness, fetching. Knows no Django and no Celery."""
