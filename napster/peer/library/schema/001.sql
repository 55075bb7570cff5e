-- What is known of each state of each file ever hashed. A file that vanished, perhaps with its
-- whole disk, stays known until it has not been seen for a year.
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL,      -- st_dev, as a signed number
    inode INTEGER NOT NULL,       -- st_ino, as a signed number
    size INTEGER NOT NULL,        -- bytes
    mtime_ns INTEGER NOT NULL,
    path BLOB NOT NULL,           -- below its shared folder, parts joined by slashes
    md5 BLOB NOT NULL,            -- of the head, 16 bytes
    bitrate INTEGER NOT NULL,     -- kbit/s
    frequency INTEGER NOT NULL,   -- Hz
    duration INTEGER NOT NULL,    -- s
    seen INTEGER NOT NULL         -- Julian day
);
CREATE UNIQUE INDEX file_state ON file (inode, size, mtime_ns, device);
CREATE INDEX file_seen ON file (seen);

-- BLAKE3 of every 1 MiB, 32 bytes each, joined. Apart, for they can be long.
CREATE TABLE pieces (
    file INTEGER PRIMARY KEY REFERENCES file (id) ON DELETE CASCADE,
    hashes BLOB NOT NULL
);

-- The device each shared folder was on when it last held files: one that is empty on another
-- device is a disk that is not mounted.
CREATE TABLE root (
    path BLOB PRIMARY KEY,
    device INTEGER NOT NULL
);

CREATE VIEW today AS SELECT CAST(julianday('now') AS INTEGER) AS day;
