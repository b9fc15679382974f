-- What is left of a deleted conversation, and its message ids: nothing that was said. Integer keys stay because the search
-- index knows rows by them; it reads both tables in the order of their own keys to learn what to forget.
DROP TABLE tombstone_message;
DROP TABLE tombstone;

CREATE TABLE tombstone (
    key          INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace    INTEGER NOT NULL REFERENCES workspace,
    public_id    BLOB    NOT NULL,
    -- The key it had; null when it began and ended in one batch.
    conversation INTEGER,
    -- Its row stays at least as long as this one.
    user         INTEGER NOT NULL REFERENCES user,
    reason       TEXT    NOT NULL,
    rev          INTEGER NOT NULL,
    deleted_at   INTEGER NOT NULL,
    UNIQUE (workspace, public_id)
) STRICT;
CREATE INDEX tombstone_rev ON tombstone (workspace, rev);
CREATE INDEX tombstone_user ON tombstone (user, rev);
CREATE INDEX tombstone_deleted_at ON tombstone (deleted_at);

CREATE TABLE tombstone_message (
    key       INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspace,
    public_id BLOB    NOT NULL,
    tombstone INTEGER NOT NULL REFERENCES tombstone,
    -- The key it had; null when it was said and deleted in one batch.
    message   INTEGER,
    UNIQUE (workspace, public_id)
) STRICT;
CREATE INDEX tombstone_message_of ON tombstone_message (tombstone);

-- The highest revision whose tombstone is gone: who is behind it cannot be told what was deleted.
ALTER TABLE workspace ADD COLUMN purged_rev INTEGER NOT NULL DEFAULT 0;
