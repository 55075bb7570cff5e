"""What `--http` shows: figures for Prometheus, and one page for a person."""
