-- A note may be about a brokerage as such: then it names no connection. The column is made anew, as one that may be empty.
ALTER TABLE notes ADD COLUMN about_id TEXT REFERENCES connections (id);
UPDATE notes SET about_id = connection_id;
DROP INDEX notes_by_connection;
ALTER TABLE notes DROP COLUMN connection_id;
ALTER TABLE notes RENAME COLUMN about_id TO connection_id;
CREATE INDEX notes_by_connection ON notes (connection_id, created_at, id);
CREATE INDEX notes_by_brokerage ON notes (brokerage_id, created_at, id);
