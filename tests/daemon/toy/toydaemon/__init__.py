"""The smallest daemon with a port, a reloadable option and ways to fail."""
