"""The calls of the API, one module a noun. Each asks the desk, as the site does."""
