"""The wish list: files to look out for until they appear."""
