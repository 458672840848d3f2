"""One module a command; each has ``run(options, folder) -> int``, the exit status."""
