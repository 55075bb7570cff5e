"""The control API: a PeerApi over HTTP and JSON, on both sides of the wire."""
