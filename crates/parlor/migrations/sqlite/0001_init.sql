-- Times are milliseconds since 1970, ids 16-byte blobs outside and integer keys inside, words those of the contract.
-- A post dirties about one page for every index on what it changes, at 7 µs a page: think twice before adding one.

-- One row: what the store was created with.
CREATE TABLE store (
    key        INTEGER PRIMARY KEY CHECK (key = 1),
    cursor_key BLOB    NOT NULL CHECK (length(cursor_key) = 32)
) STRICT;

CREATE TABLE workspace (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    public_key TEXT    NOT NULL UNIQUE,
    origins    TEXT    NOT NULL DEFAULT '[]',
    -- What was set away from the defaults, as JSON.
    settings   TEXT    NOT NULL DEFAULT '{}',
    epoch      INTEGER NOT NULL,
    rev        INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE secret (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace  INTEGER NOT NULL REFERENCES workspace,
    kid        TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL CHECK (kind IN ('identity', 'api')),
    bytes      BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX secret_workspace ON secret (workspace, kind);

-- One-click links and console sessions; `hash` is the SHA-256 of what their holder has.
CREATE TABLE link (
    hash       BLOB    PRIMARY KEY,
    workspace  INTEGER NOT NULL REFERENCES workspace,
    role       TEXT    NOT NULL,
    agent_id   TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    email      TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    hash       BLOB    PRIMARY KEY,
    workspace  INTEGER NOT NULL REFERENCES workspace,
    role       TEXT    NOT NULL,
    agent_id   TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    email      TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
    key          INTEGER PRIMARY KEY,
    workspace    INTEGER NOT NULL REFERENCES workspace,
    public_id    TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    email        TEXT,
    avatar       TEXT,
    timezone     TEXT,
    locale       TEXT,
    metadata     TEXT,
    last_seen_at INTEGER,
    UNIQUE (workspace, public_id)
) STRICT;

CREATE TABLE agent (
    workspace INTEGER NOT NULL REFERENCES workspace,
    public_id TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    PRIMARY KEY (workspace, public_id)
) STRICT, WITHOUT ROWID;

-- Versions never change; the current one is the highest.
CREATE TABLE funnel (
    key       INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace,
    public_id TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    source    TEXT    NOT NULL,
    UNIQUE (workspace, public_id, version)
) STRICT;

CREATE TABLE conversation (
    -- Never used twice: the search index knows conversations by it.
    key                 INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace           INTEGER NOT NULL REFERENCES workspace,
    public_id           BLOB    NOT NULL,
    user                INTEGER NOT NULL REFERENCES user,
    inbox_id            TEXT    NOT NULL,
    funnel_id           TEXT    NOT NULL,
    funnel_name         TEXT    NOT NULL,
    funnel_version      INTEGER NOT NULL,
    block_id            TEXT,
    status              TEXT    NOT NULL CHECK (status IN ('open', 'closed')),
    handler             TEXT    NOT NULL CHECK (handler IN ('bot', 'queue', 'agent')),
    assignee_id         TEXT,
    assignee_name       TEXT,
    created_at          INTEGER NOT NULL,
    started_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    last_message_at     INTEGER NOT NULL,
    last_message        TEXT    NOT NULL,
    last_side           TEXT,
    clock_started_at    INTEGER NOT NULL,
    message_count       INTEGER NOT NULL,
    user_messages       INTEGER NOT NULL,
    our_messages        INTEGER NOT NULL,
    user_last_read_seq  INTEGER NOT NULL,
    agent_last_read_seq INTEGER NOT NULL,
    our_messages_read   INTEGER NOT NULL,
    user_messages_read  INTEGER NOT NULL,
    closed_at           INTEGER,
    close_reason        TEXT,
    archived_at         INTEGER,
    delete_at           INTEGER,
    snoozed_until       INTEGER,
    hold                INTEGER NOT NULL,
    previous_id         BLOB,
    root_id             BLOB,
    labels              TEXT    NOT NULL DEFAULT '[]',
    locale              TEXT,
    external_id         TEXT,
    metadata            TEXT,
    version             INTEGER NOT NULL,
    rev                 INTEGER NOT NULL,
    scope_rev           INTEGER NOT NULL,
    due_at              INTEGER,
    archived            INTEGER NOT NULL GENERATED ALWAYS AS (archived_at IS NOT NULL) VIRTUAL,
    UNIQUE (workspace, public_id)
) STRICT;

-- The inbox, in both directions, and its filters that are common enough for an order of their own.
CREATE INDEX conversation_inbox
    ON conversation (workspace, archived, status, last_message_at, public_id);
CREATE INDEX conversation_count
    ON conversation (workspace, archived, status, message_count, public_id);
CREATE INDEX conversation_funnel
    ON conversation (workspace, funnel_id, archived, status, last_message_at, public_id);
CREATE INDEX conversation_handler
    ON conversation (workspace, handler, archived, status, last_message_at, public_id) WHERE handler <> 'bot';
CREATE INDEX conversation_assignee
    ON conversation (workspace, assignee_id, archived, status, last_message_at, public_id)
    WHERE assignee_id IS NOT NULL;
CREATE INDEX conversation_unread
    ON conversation (workspace, archived, status, last_message_at, public_id)
    WHERE user_messages > user_messages_read;
-- What changed after a revision.
CREATE INDEX conversation_rev ON conversation (workspace, rev);
-- These hold nothing that a post changes.
CREATE INDEX conversation_user ON conversation (user);
CREATE INDEX conversation_open ON conversation (user, funnel_id, started_at, public_id) WHERE status = 'open';
CREATE INDEX conversation_root ON conversation (workspace, root_id) WHERE root_id IS NOT NULL;
CREATE UNIQUE INDEX conversation_external
    ON conversation (workspace, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX conversation_due ON conversation (workspace, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE conversation_label (
    workspace    INTEGER NOT NULL REFERENCES workspace,
    label        TEXT    NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversation,
    PRIMARY KEY (workspace, label, conversation)
) STRICT, WITHOUT ROWID;

-- Appended in commit order; the key is what the search index has read up to, so none is ever used twice.
CREATE TABLE message (
    key           INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace     INTEGER NOT NULL REFERENCES workspace,
    conversation  INTEGER NOT NULL REFERENCES conversation,
    seq           INTEGER NOT NULL,
    public_id     BLOB    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('user', 'bot', 'system')),
    author_kind   TEXT    NOT NULL CHECK (author_kind IN ('user', 'bot', 'agent', 'system')),
    author_id     TEXT,
    author_name   TEXT,
    text          TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    metadata      TEXT,
    options       TEXT,
    system_code   TEXT,
    system_param  TEXT,
    version       INTEGER NOT NULL,
    identity      BLOB    NOT NULL,
    users_before  INTEGER NOT NULL,
    ours_before   INTEGER NOT NULL,
    rev           INTEGER NOT NULL,
    attachments   TEXT,
    edited_at     INTEGER,
    deleted_at    INTEGER,
    UNIQUE (conversation, seq),
    UNIQUE (workspace, public_id)
) STRICT;

-- What was appended after a revision is the end of its conversation; only what changed later needs an index.
CREATE INDEX message_changed ON message (conversation, rev) WHERE version > 1;

-- Totals that are kept, not counted. `dimension` is `all`, `funnel:<id>`, `handler:<word>` or `assignee:<id>`.
CREATE TABLE counter (
    workspace INTEGER NOT NULL REFERENCES workspace,
    archived  INTEGER NOT NULL,
    status    TEXT    NOT NULL,
    dimension TEXT    NOT NULL,
    total     INTEGER NOT NULL,
    PRIMARY KEY (workspace, archived, status, dimension)
) STRICT, WITHOUT ROWID;

-- What happened, without content: statistics, audit and webhook order, never sync.
CREATE TABLE activity (
    key          INTEGER PRIMARY KEY,
    workspace    INTEGER NOT NULL REFERENCES workspace,
    conversation INTEGER NOT NULL,
    rev          INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    actor        TEXT,
    at           INTEGER NOT NULL,
    detail       TEXT
) STRICT;

-- What is left of an erased conversation, and for 90 days its message ids.
CREATE TABLE tombstone (
    workspace INTEGER NOT NULL REFERENCES workspace,
    public_id BLOB    NOT NULL,
    user      INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    rev       INTEGER NOT NULL,
    erased_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, public_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_rev ON tombstone (workspace, rev);

CREATE TABLE tombstone_message (
    workspace INTEGER NOT NULL REFERENCES workspace,
    public_id BLOB    NOT NULL,
    erased_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, public_id)
) STRICT, WITHOUT ROWID;

-- Conversations whose names the search index has to read, in commit order. Kept, so that an index that was lost can be
-- built again from here.
CREATE TABLE search_queue (
    key          INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversation
) STRICT;
