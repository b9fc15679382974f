-- Notes the search index has to look at, in commit order. It reads what a note says by then, so that an entry may come twice; a
-- note's key may be another's after it is gone. Kept, so that an index that was lost can be built again from here.
CREATE TABLE note_queue (
    key       INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL REFERENCES workspace,
    note      INTEGER NOT NULL,
    is_gone   INTEGER NOT NULL
) STRICT;

INSERT INTO note_queue (workspace, note, is_gone) SELECT workspace, key, 0 FROM note WHERE deleted_at IS NULL ORDER BY key;
