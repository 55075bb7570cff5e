"""The relay: bytes from one peer to another when neither can be connected to."""
