-- So that nobody saves over what somebody else saved meanwhile. 0 says that there is none.
ALTER TABLE canned_answer ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
