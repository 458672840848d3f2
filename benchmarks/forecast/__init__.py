"""What a forecast says of sites whose size is known."""
