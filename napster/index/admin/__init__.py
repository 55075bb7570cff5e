"""What whoever runs an index asks of it at its own machine, over a UNIX socket."""
