"""What the tests run on: a scratch environment, a network guard, real servers and real processes."""
