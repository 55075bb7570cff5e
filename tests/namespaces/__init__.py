"""The daemons on separate hosts, which are network namespaces of this one: `make namespaces`."""
