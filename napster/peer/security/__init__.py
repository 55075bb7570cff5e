"""Who may connect, who is at the other end, and that nobody else listens (docs/security.md)."""
