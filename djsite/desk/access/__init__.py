"""What programs may do in somebody's name: tokens, and the answers to what they wrote."""
