"""Commands that ask an instance elsewhere, by its API, instead of a data folder."""
