"""The shared files of a peer: found on disk, hashed, remembered, watched and opened."""
