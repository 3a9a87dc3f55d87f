-- A check asks the mail system for something that it must refuse, to learn whether mail may be sent. Where it was taken, one of
-- us looks whether something was sent before anything is tried again: who looked, when, what they found; their words are a note.
INSERT INTO need_rules (id) VALUES ('may_have_sent');
INSERT INTO note_kinds (id) VALUES ('sent_look');

CREATE TABLE sent_findings (id TEXT PRIMARY KEY);
INSERT INTO sent_findings (id) VALUES ('nothing'), ('something');

CREATE TABLE sent_looks (
    check_id      TEXT PRIMARY KEY REFERENCES checks (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    found         TEXT NOT NULL REFERENCES sent_findings (id),
    note_id       TEXT NOT NULL REFERENCES notes (id),
    looked_by     TEXT NOT NULL REFERENCES staff (id),
    looked_at     BIGINT NOT NULL
);
CREATE INDEX sent_looks_by_connection ON sent_looks (connection_id, looked_at, check_id);

-- What waits already for that reason waits by the new rule.
UPDATE needs SET rule = 'may_have_sent', told_at = NULL
WHERE rule = 'could_not_tell' AND EXISTS (
    SELECT 1 FROM connections WHERE connections.id = needs.connection_id AND connections.cause = 'probe_sent_something'
);
