-- The pages of the audit and of the outbox: whatever they filter by leads to its newest rows first.
CREATE INDEX audit_by_actor ON audit (actor_id, at, id);
CREATE INDEX audit_by_verb ON audit (verb, at, id);
CREATE INDEX audit_by_thing ON audit (object, at, id);
CREATE INDEX audit_by_brokerage_and_time ON audit (brokerage_id, at, id);
DROP INDEX audit_by_brokerage;

CREATE INDEX mails_by_time_and_id ON mails (created_at, id);
CREATE INDEX mails_by_state ON mails (state, created_at, id);
CREATE INDEX mails_by_brokerage_and_time ON mails (brokerage_id, created_at, id);
DROP INDEX mails_by_time;
DROP INDEX mails_by_brokerage;

-- Each time somebody had the audit looked through, and what was found. It is as good as this database is; whoever
-- trusts nobody here runs the command against the public keys.
CREATE TABLE audit_verifications (
    id            TEXT PRIMARY KEY,
    asked_by      TEXT NOT NULL REFERENCES staff (id),
    asked_at      BIGINT NOT NULL,
    ended_at      BIGINT,
    -- How far the chain is as it was sealed; none when nobody could look.
    sealed        BIGINT,
    waiting       BIGINT,
    checkpoint    TEXT,
    checkpoint_at BIGINT,
    wrong         TEXT,
    wrong_row     BIGINT,
    wrong_words   TEXT
);
CREATE INDEX audit_verifications_by_time ON audit_verifications (asked_at, id);

-- A mail that one of our people had sent once more is a mail of its own, with the reason.
CREATE TABLE again_reasons (id TEXT PRIMARY KEY);
INSERT INTO again_reasons (id) VALUES ('not_come'), ('refused'), ('asked');
ALTER TABLE mails ADD COLUMN again_of TEXT REFERENCES mails (id);
ALTER TABLE mails ADD COLUMN again_reason TEXT REFERENCES again_reasons (id);
ALTER TABLE mails ADD COLUMN again_by TEXT REFERENCES staff (id);
CREATE INDEX mails_again ON mails (again_of, created_at, id) WHERE again_of IS NOT NULL;
