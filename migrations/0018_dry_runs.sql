-- "Test before you submit": a check of answers that nobody has submitted. It shares the rows of checks with every other
-- (steps, tries, verdicts, what was written to a mailbox), and has no attempt.
INSERT INTO check_origins (id) VALUES ('dry_run');
ALTER TABLE checks ADD COLUMN submitted_id TEXT REFERENCES attempts (id);
UPDATE checks SET submitted_id = attempt_id;
DROP INDEX checks_by_attempt;
ALTER TABLE checks DROP COLUMN attempt_id;
ALTER TABLE checks RENAME COLUMN submitted_id TO attempt_id;
CREATE INDEX checks_by_attempt ON checks (attempt_id, created_at, id);

-- Why a dry run came to no result: its answers were gone before its turn came.
CREATE TABLE dry_run_ends (id TEXT PRIMARY KEY);
INSERT INTO dry_run_ends (id) VALUES ('submitted'), ('changed'), ('expired');

-- What a dry run tests: the answers as they stood when the button was pressed, and the draft's secret, which stays the
-- draft's own: it goes when the draft's hold on it ends, whatever dry runs there were.
CREATE TABLE dry_runs (
    check_id       TEXT PRIMARY KEY REFERENCES checks (id),
    brokerage_id   TEXT NOT NULL REFERENCES brokerages (id),
    connection_id  TEXT NOT NULL REFERENCES connections (id),
    draft_id       TEXT NOT NULL,
    attempt_number BIGINT NOT NULL,
    settings_box   BYTEA NOT NULL,
    secret_id      TEXT,
    asked_at       BIGINT NOT NULL,
    ended_by       TEXT REFERENCES dry_run_ends (id)
);
CREATE INDEX dry_runs_by_connection ON dry_runs (connection_id, asked_at, check_id);
CREATE INDEX dry_runs_by_time ON dry_runs (asked_at);
