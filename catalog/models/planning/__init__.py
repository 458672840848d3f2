"""What is planned or weighed before it is done."""
