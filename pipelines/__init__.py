"""What happens to a page: frontier, fetch, parse, store, archive, export, prune."""
