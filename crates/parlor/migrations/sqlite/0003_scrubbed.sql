-- The last tombstone whose conversation's bytes are surely out of the files; those behind it are looked for again.
ALTER TABLE store ADD COLUMN scrubbed_tombstone INTEGER NOT NULL DEFAULT 0;
