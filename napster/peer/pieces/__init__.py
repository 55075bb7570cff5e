"""Pieces of files between our own peers, over connections that a ticket has opened."""
