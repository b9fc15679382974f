-- What agents keep at hand, and indexes for the lists they choose from.
CREATE TABLE canned_answer (
    workspace INTEGER NOT NULL REFERENCES workspace,
    public_id TEXT    NOT NULL,
    shortcut  TEXT    NOT NULL,
    text      TEXT    NOT NULL,
    PRIMARY KEY (workspace, public_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE saved_view (
    workspace INTEGER NOT NULL REFERENCES workspace,
    public_id TEXT    NOT NULL,
    owner     TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    is_shared INTEGER NOT NULL,
    -- As JSON.
    filters   TEXT    NOT NULL,
    PRIMARY KEY (workspace, public_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX agent_name ON agent (workspace, name, public_id);

-- A version's source may be large; its name is read from the index alone.
ALTER TABLE funnel ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE funnel SET name = source ->> '$.name';
CREATE INDEX funnel_name ON funnel (workspace, public_id, version, name);
