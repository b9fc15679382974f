-- Private notes: beside a conversation, in the agents' view only. A deleted one keeps its row without what it said, so that
-- followers hear of it.
CREATE TABLE note (
    key          INTEGER PRIMARY KEY,
    workspace    INTEGER NOT NULL REFERENCES workspace,
    conversation INTEGER NOT NULL REFERENCES conversation,
    public_id    BLOB    NOT NULL,
    after_seq    INTEGER NOT NULL,
    author_id    TEXT    NOT NULL,
    author_name  TEXT    NOT NULL,
    text         TEXT,
    identity     BLOB,
    at           INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    deleted_at   INTEGER,
    rev          INTEGER NOT NULL,
    UNIQUE (workspace, public_id),
    CHECK ((text IS NULL) = (deleted_at IS NOT NULL) AND (identity IS NULL) = (deleted_at IS NOT NULL))
) STRICT;
-- Those that stand in a page of messages, and what changed after a revision.
CREATE INDEX note_place ON note (conversation, after_seq);
CREATE INDEX note_rev ON note (conversation, rev);

-- Where it is 0, as nearly everywhere, nobody looks for notes.
ALTER TABLE conversation ADD COLUMN note_count INTEGER NOT NULL DEFAULT 0;

-- How many notes were ever deleted, and of how many of them the bytes are surely out of the files.
ALTER TABLE store ADD COLUMN deleted_notes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN scrubbed_notes INTEGER NOT NULL DEFAULT 0;
