"""The peer daemon: shares, searches, downloads and serves."""
