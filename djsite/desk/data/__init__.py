"""Records as people look at them: a list by the filters of an address, part by part, and as a file."""
