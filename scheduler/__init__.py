"""When things happen: the Celery app, lanes, thin tasks, RedBeat entries, the ledger of runs."""
