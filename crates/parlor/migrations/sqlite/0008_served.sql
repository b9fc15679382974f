-- Until when everything that fell due was done: earlier than `wall_ms` while a server works off what fell due in its absence.
-- Null where an older Parlor wrote the row: the same as `wall_ms`.
ALTER TABLE clock ADD COLUMN served_until INTEGER;
