"""Commands whose arguments belong to another program."""
