-- The content id, 32 bytes; NULL for what was hashed before these were kept, until it is seen again.
ALTER TABLE file ADD COLUMN content BLOB;
