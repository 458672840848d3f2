"""How fast files of each format are written, and in how much memory."""
