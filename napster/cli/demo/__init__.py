"""A small network on this machine, for a minute: an index and two peers, put to use."""
