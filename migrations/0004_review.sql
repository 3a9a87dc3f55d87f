-- What our own people do: who takes a connection, what they note, why one needs a human now, whom they invite.

CREATE TABLE need_rules (id TEXT PRIMARY KEY);
INSERT INTO need_rules (id) VALUES
    ('could_not_tell'), ('parked_job'), ('acceptance'), ('failed_twice'), ('question');

-- Why a connection needs a human now, by rules with names. Kept by the actions that change how it stands, so that the
-- queue reads what it shows and nothing else.
CREATE TABLE needs (
    connection_id TEXT NOT NULL REFERENCES connections (id),
    rule          TEXT NOT NULL REFERENCES need_rules (id),
    since         BIGINT NOT NULL,
    PRIMARY KEY (connection_id, rule)
);

-- The review has a version of its own: what our people note down disturbs no form that the brokerage has open.
ALTER TABLE connections ADD COLUMN review_version BIGINT NOT NULL DEFAULT 1;
-- When the oldest of its needs began.
ALTER TABLE connections ADD COLUMN needs_since BIGINT;
ALTER TABLE connections ADD COLUMN taken_by TEXT REFERENCES staff (id);
ALTER TABLE connections ADD COLUMN taken_at BIGINT;
CREATE INDEX connections_in_need ON connections (needs_since, id) WHERE needs_since IS NOT NULL;
CREATE INDEX connections_taken ON connections (taken_by, changed_at, id) WHERE taken_by IS NOT NULL;
CREATE INDEX connections_by_state ON connections (state, changed_at, id);
CREATE INDEX connections_by_change ON connections (changed_at, id);

INSERT INTO needs (connection_id, rule, since)
SELECT connections.id, 'acceptance', connections.created_at
FROM connections
JOIN brokerages ON brokerages.id = connections.brokerage_id
WHERE brokerages.origin = 'self_started' AND brokerages.accepted_at IS NULL AND connections.state <> 'closed';
INSERT INTO needs (connection_id, rule, since)
SELECT id, 'could_not_tell', changed_at FROM connections WHERE state = 'submitted' AND phase = 'needs_staff';
INSERT INTO needs (connection_id, rule, since)
SELECT connections.id, 'failed_twice', connections.changed_at
FROM connections
WHERE connections.state = 'failed' AND (
    SELECT COUNT(*)
    FROM checks
    JOIN verdicts ON verdicts.check_id = checks.id
    WHERE checks.connection_id = connections.id AND verdicts.verdict = 'failed'
) > 1;
UPDATE connections SET needs_since = (SELECT MIN(since) FROM needs WHERE needs.connection_id = connections.id);

-- What a connection is found by: folded names from each of their words on, its reference, its brokerage's domain.
CREATE TABLE connection_words (
    word          TEXT NOT NULL,
    connection_id TEXT NOT NULL REFERENCES connections (id),
    PRIMARY KEY (word, connection_id)
);
CREATE INDEX connection_words_by_connection ON connection_words (connection_id, word);
INSERT INTO connection_words (word, connection_id)
SELECT name_key, id FROM connections
UNION
SELECT LOWER(reference), id FROM connections
UNION
SELECT brokerages.company_key, connections.id
FROM connections
JOIN brokerages ON brokerages.id = connections.brokerage_id
UNION
SELECT brokerages.proven_domain, connections.id
FROM connections
JOIN brokerages ON brokerages.id = connections.brokerage_id;

-- A check that one of our people asked for, and why.
INSERT INTO check_origins (id) VALUES ('staff');
CREATE TABLE check_reasons (id TEXT PRIMARY KEY);
INSERT INTO check_reasons (id) VALUES ('mended'), ('our_side'), ('look');
ALTER TABLE checks ADD COLUMN staff_id TEXT REFERENCES staff (id);
ALTER TABLE checks ADD COLUMN reason TEXT REFERENCES check_reasons (id);
CREATE INDEX checks_by_connection ON checks (connection_id, created_at, id);

CREATE TABLE note_kinds (id TEXT PRIMARY KEY);
INSERT INTO note_kinds (id) VALUES ('note'), ('question'), ('answer'), ('check_again');
CREATE TABLE notes (
    id            TEXT PRIMARY KEY,
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    kind          TEXT NOT NULL REFERENCES note_kinds (id),
    staff_id      TEXT NOT NULL REFERENCES staff (id),
    text_box      BYTEA NOT NULL,
    check_id      TEXT REFERENCES checks (id),
    created_at    BIGINT NOT NULL
);
CREATE INDEX notes_by_connection ON notes (connection_id, created_at, id);

CREATE TABLE invitation_ends (id TEXT PRIMARY KEY);
INSERT INTO invitation_ends (id) VALUES ('used'), ('revoked'), ('newer');

-- The link of an invitation holds a random token, of which only the digest is here. The link signs nobody in: the
-- invited person is made when a code that went to the invited address is typed.
CREATE TABLE invitations (
    id           TEXT PRIMARY KEY,
    brokerage_id TEXT NOT NULL REFERENCES brokerages (id),
    contact      TEXT NOT NULL,
    address_box  BYTEA NOT NULL,
    address_key  BYTEA NOT NULL,
    mail_domain  TEXT NOT NULL,
    token_hash   BYTEA NOT NULL UNIQUE,
    invited_by   TEXT NOT NULL REFERENCES staff (id),
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    ended_by     TEXT REFERENCES invitation_ends (id),
    person_id    TEXT REFERENCES people (id)
);
CREATE UNIQUE INDEX invitations_open ON invitations (address_key) WHERE ended_at IS NULL;
CREATE INDEX invitations_by_brokerage ON invitations (brokerage_id, created_at, id);
