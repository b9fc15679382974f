-- What falls due, oldest first, of all workspaces at once; read from the index alone.
DROP INDEX conversation_due;
CREATE INDEX conversation_due ON conversation (due_at, workspace, public_id) WHERE due_at IS NOT NULL;

-- When the user was told that it closes soon, and since when, by the clock and by running time, it waits to be erased.
ALTER TABLE conversation ADD COLUMN warned_at INTEGER;
ALTER TABLE conversation ADD COLUMN erase_marked_at INTEGER;
ALTER TABLE conversation ADD COLUMN erase_marked_running_ms INTEGER;

-- Rises with each change of `settings`; they are parsed once for each.
ALTER TABLE workspace ADD COLUMN settings_version INTEGER NOT NULL DEFAULT 0;
-- A change of the settings while it is carried to the conversations: what was set before as JSON (null when conversations
-- differ in that), when it was changed (null when none is on its way), the last conversation that has it in the order of
-- their ids (null before the first), how many have and how many there are.
ALTER TABLE workspace ADD COLUMN redate_before TEXT;
ALTER TABLE workspace ADD COLUMN redate_since INTEGER;
ALTER TABLE workspace ADD COLUMN redate_after BLOB;
ALTER TABLE workspace ADD COLUMN redate_done INTEGER;
ALTER TABLE workspace ADD COLUMN redate_total INTEGER;
CREATE INDEX workspace_redating ON workspace (key) WHERE redate_since IS NOT NULL;

-- One row once the server ran: how long it ever did, and the wall clock then. While `paused_at` is set the two disagreed,
-- and nothing irreversible happens.
CREATE TABLE clock (
    key             INTEGER PRIMARY KEY CHECK (key = 1),
    running_ms      INTEGER NOT NULL,
    wall_ms         INTEGER NOT NULL,
    paused_at       INTEGER,
    disagreement_ms INTEGER
) STRICT;

-- What was deleted, by whom and why: no content, no user, kept when its tombstone goes.
CREATE TABLE deletion (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace  INTEGER NOT NULL REFERENCES workspace,
    public_id  BLOB    NOT NULL,
    reason     TEXT    NOT NULL,
    actor      TEXT,
    messages   INTEGER NOT NULL,
    deleted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deletion_of ON deletion (workspace, key);
INSERT INTO deletion (workspace, public_id, reason, messages, deleted_at)
SELECT t.workspace, t.public_id, t.reason,
       (SELECT count(*) FROM tombstone_message m WHERE m.tombstone = t.key), t.deleted_at
FROM tombstone t ORDER BY t.rev;
