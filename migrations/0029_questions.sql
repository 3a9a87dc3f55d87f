-- What a person of an office asked, and what our own people answered. A question that was asked before the office had a
-- connection belongs to the first one it makes.
CREATE TABLE questions (
    id            TEXT PRIMARY KEY,
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    connection_id TEXT REFERENCES connections (id),
    person_id     TEXT NOT NULL REFERENCES people (id),
    -- The path of the page it was asked on: words of ours and opaque ids, nothing that was typed.
    page          TEXT NOT NULL,
    -- The attempt that page was about, and the cause it showed.
    attempt_id    TEXT REFERENCES attempts (id),
    cause         TEXT,
    text_box      BYTEA NOT NULL,
    asked_at      BIGINT NOT NULL,
    answer_box    BYTEA,
    answered_by   TEXT REFERENCES staff (id),
    answered_at   BIGINT
);
CREATE INDEX questions_by_brokerage ON questions (brokerage_id, asked_at, id);
CREATE INDEX questions_by_connection ON questions (connection_id, asked_at, id) WHERE connection_id IS NOT NULL;

-- Somebody of the office asked something that nobody has answered.
INSERT INTO need_rules (id) VALUES ('office_asked');
