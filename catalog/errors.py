"""Why the tables cannot be used."""


class NewerData(Exception):
    """A newer release has written the data; the message says what to do."""
