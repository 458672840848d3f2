"""What differs between two texts, by words or by lines, as passages for people. Pure, and bounded in time."""
