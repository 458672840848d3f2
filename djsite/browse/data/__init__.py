"""The page of data: records by the filters, order and columns of its address, and their file."""
