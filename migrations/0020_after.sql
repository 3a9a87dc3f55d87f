-- What comes after the first verdict: a secret is renewed beside the old one, a submission is withdrawn, a connection is
-- closed and taken up again, and MoxiEngage is switched on for it.

INSERT INTO connection_moves (from_state, to_state) VALUES ('submitted', 'draft'), ('failed', 'draft');

-- When and why an attempt's credential stopped being the one in use, or the one that is being decided.
CREATE TABLE attempt_ends (id TEXT PRIMARY KEY);
INSERT INTO attempt_ends (id) VALUES ('replaced'), ('rolled_back'), ('withdrawn'), ('closed');
ALTER TABLE attempts ADD COLUMN ended_at BIGINT;
ALTER TABLE attempts ADD COLUMN ended_by TEXT REFERENCES attempt_ends (id);
CREATE INDEX attempts_ended ON attempts (ended_at) WHERE ended_at IS NOT NULL;

-- Why a brokerage does not go on with a connection. What it says in its own words is encrypted.
CREATE TABLE close_reasons (id TEXT PRIMARY KEY);
INSERT INTO close_reasons (id) VALUES
    ('free_gmail'), ('no_rights'), ('hosted_elsewhere'), ('changed_mind'), ('other');
ALTER TABLE connections ADD COLUMN closed_at BIGINT;
ALTER TABLE connections ADD COLUMN close_reason TEXT REFERENCES close_reasons (id);
ALTER TABLE connections ADD COLUMN close_words_box BYTEA;
-- When one of our people has read it: until then the connection is among those that need somebody.
ALTER TABLE connections ADD COLUMN close_read_at BIGINT;
INSERT INTO need_rules (id) VALUES ('closed');
CREATE INDEX connections_closed ON connections (closed_at) WHERE closed_at IS NOT NULL;

-- The day from which on MoxiEngage works with it, as ISO text.
ALTER TABLE connections ADD COLUMN enabled_on TEXT;
