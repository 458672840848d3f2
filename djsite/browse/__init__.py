"""The site people use: pages, admin, downloads. Only reads what the path writes."""
