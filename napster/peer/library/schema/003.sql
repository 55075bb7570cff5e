-- What is wished for, as it was written.
CREATE TABLE wish (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    words TEXT NOT NULL UNIQUE,
    get INTEGER NOT NULL          -- whether to download what is found
);

-- What was found for a wish; kept so that nothing is told or downloaded twice.
CREATE TABLE find (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    wish INTEGER NOT NULL REFERENCES wish (id) ON DELETE CASCADE,
    file TEXT NOT NULL,           -- the row of a search, as JSON
    found INTEGER NOT NULL,       -- s since 1970
    new INTEGER NOT NULL,         -- whether nobody has looked at it yet
    download INTEGER,             -- the id of the download that was begun
    note TEXT NOT NULL            -- why none was begun
);
CREATE INDEX find_wish ON find (wish);
