"""The admin: seeds to write, everything else to look at."""
