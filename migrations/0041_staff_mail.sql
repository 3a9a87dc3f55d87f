-- What our own people are written to about: which mails somebody wants, and which needs have been told. The row of a need
-- decides: who loses a worker in the middle of telling tells it once all the same.
CREATE TABLE staff_mail_choices (id TEXT PRIMARY KEY);
INSERT INTO staff_mail_choices (id) VALUES ('at_once'), ('daily'), ('nothing');

-- Nothing: what their roles suggest.
ALTER TABLE staff ADD COLUMN mail_choice TEXT REFERENCES staff_mail_choices (id);

ALTER TABLE needs ADD COLUMN told_at BIGINT;
ALTER TABLE needs ADD COLUMN overdue_told_at BIGINT;
-- What was there before stands in the daily mail, and is not told one by one.
UPDATE needs SET told_at = since, overdue_told_at = due_at;
CREATE INDEX needs_untold ON needs (since, connection_id) WHERE told_at IS NULL;
CREATE INDEX needs_overdue_untold ON needs (due_at, connection_id) WHERE overdue_told_at IS NULL;
