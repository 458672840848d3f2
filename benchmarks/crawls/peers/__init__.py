"""The same job as ours, written for each peer as its documentation shows it; run by the peers' own Python."""
