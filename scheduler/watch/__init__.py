"""Reports about the whole system, for people and monitors. Only reads."""
