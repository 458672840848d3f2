"""The site that people use: pages, admin, downloads. It only reads what the path writes."""
