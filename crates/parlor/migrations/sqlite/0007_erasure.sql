-- Users of whom everything was erased: a digest of the id, by which a restored backup is searched, and when.
CREATE TABLE erased_user (
    key       INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspace,
    digest    BLOB    NOT NULL CHECK (length(digest) = 16),
    erased_at INTEGER NOT NULL,
    UNIQUE (workspace, digest, erased_at)
) STRICT;

-- The last of them whose bytes are surely out of the files.
ALTER TABLE store ADD COLUMN scrubbed_user INTEGER NOT NULL DEFAULT 0;
