"""Records as people ask for them: the filters, order and columns of a list, in its address and in SQL."""
