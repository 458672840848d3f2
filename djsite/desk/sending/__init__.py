"""How files are handed out: whole, or from the middle on."""
