"""Serving files to other peers: who may have one, when, and the sending itself."""
