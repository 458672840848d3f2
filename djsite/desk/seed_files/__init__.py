"""Seeds as a file, on both its ways: the rows as a text, and a text as changes of the rows."""
