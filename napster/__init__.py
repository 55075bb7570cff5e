"""Napster-style file sharing: a central index, direct transfers between peers."""
