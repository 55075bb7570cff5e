"""The `napster` command."""
