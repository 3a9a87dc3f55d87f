-- What our own people decide by hand. It is a check of its own sort, without steps, so that an attempt's state stays that
-- of its latest deciding check.
INSERT INTO check_origins (id) VALUES ('by_hand');
INSERT INTO connection_moves (from_state, to_state) VALUES ('failed', 'verified');
INSERT INTO note_kinds (id) VALUES ('by_hand');
INSERT INTO need_rules (id) VALUES ('second_person');

CREATE TABLE hand_ends (id TEXT PRIMARY KEY);
INSERT INTO hand_ends (id) VALUES ('done'), ('declined'), ('withdrawn'), ('overtaken');

-- Who wants it, and why stands in the note. "Passed" counts only when a second person has said yes: `check_id` is the check
-- that holds the verdict, and it is there once it counts.
CREATE TABLE hand_decisions (
    id            TEXT PRIMARY KEY,
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    attempt_id    TEXT NOT NULL REFERENCES attempts (id),
    -- The check whose result is overruled: what a later one finds overtakes the wish.
    seen_check_id TEXT NOT NULL REFERENCES checks (id),
    verdict       TEXT NOT NULL REFERENCES verdict_words (id),
    cause         TEXT,
    note_id       TEXT NOT NULL REFERENCES notes (id),
    asked_by      TEXT NOT NULL REFERENCES staff (id),
    asked_at      BIGINT NOT NULL,
    second_by     TEXT REFERENCES staff (id),
    check_id      TEXT UNIQUE REFERENCES checks (id),
    ended_by      TEXT REFERENCES hand_ends (id),
    ended_staff   TEXT REFERENCES staff (id),
    ended_at      BIGINT,
    CHECK (second_by IS NULL OR second_by <> asked_by),
    CHECK (verdict <> 'passed' OR check_id IS NULL OR second_by IS NOT NULL)
);
CREATE UNIQUE INDEX hand_decisions_open ON hand_decisions (connection_id) WHERE ended_at IS NULL;
CREATE INDEX hand_decisions_by_connection ON hand_decisions (connection_id, asked_at, id);
CREATE INDEX hand_decisions_by_brokerage ON hand_decisions (brokerage_id);
