"""Any address explained: why it is here or missing."""
