"""Bodies that most messages cannot have."""

GARBAGE = (
    b"",
    b"\0",
    b'"',
    b"\xff" * 2048,
    b" ".join([b"nobody"] * 200),
    b'#x "a "b" c" -1 99999',
)
TAGGED = (b"\1\4\0\7\0\0\0\2\1\0x", b"\1\4\0\7\0\0\0\2\0\0\3\3\0\xff\xff\xff", b"\1\2\0" * 5000)
"""Those that look like bodies of extension messages."""
