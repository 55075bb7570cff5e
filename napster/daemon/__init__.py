"""What both daemons stand on: options, state folder, database thread, logs, systemd."""
