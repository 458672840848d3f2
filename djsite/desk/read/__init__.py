"""What people are shown, one file a subject: bounded queries on the indexes of the catalog, never a write."""
