"""The commands of `napster admin`: what whoever runs an index asks of it."""
