"""Django commands of the tables."""
