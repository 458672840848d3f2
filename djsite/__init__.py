"""Django: settings, tables (catalog) and the site (browse)."""
