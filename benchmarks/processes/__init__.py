"""What our processes cost before there is work: starting, and waiting."""
