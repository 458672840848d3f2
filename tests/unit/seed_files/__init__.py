"""Seeds as a file: what is written is read again, and what is wrong is named with its line."""
