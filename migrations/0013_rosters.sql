-- A roster: the mailboxes of an office that a connection's credential shall reach, and what came of each. A connection
-- has one at most; a new one takes its place.
CREATE TABLE roster_ends (id TEXT PRIMARY KEY);
INSERT INTO roster_ends (id) VALUES ('done'), ('stopped'), ('not_opened'), ('overtaken'), ('given_up');

CREATE TABLE rosters (
    id            TEXT PRIMARY KEY,
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    connection_id TEXT NOT NULL UNIQUE REFERENCES connections (id),
    -- Whose credential opens the mailboxes.
    attempt_id    TEXT NOT NULL REFERENCES attempts (id),
    mailboxes     BIGINT NOT NULL,
    -- How many have a result.
    done          BIGINT NOT NULL,
    -- 1 for the first run; one more each time the rest or the failed ones are checked again.
    round         BIGINT NOT NULL,
    asked_by      TEXT NOT NULL REFERENCES people (id),
    asked_at      BIGINT NOT NULL,
    -- What the mail about this run's end is known by.
    event_id      TEXT NOT NULL UNIQUE,
    -- When a worker took it up last, and how many had a result by then: the pace is counted from there.
    taken_at      BIGINT,
    taken_done    BIGINT NOT NULL,
    stop_at       BIGINT,
    ended_at      BIGINT,
    ended_by      TEXT REFERENCES roster_ends (id),
    -- Why no mailbox was opened, where the sign-in failed.
    cause         TEXT,
    created_at    BIGINT NOT NULL
);
CREATE INDEX rosters_by_brokerage ON rosters (brokerage_id, connection_id);
CREATE INDEX rosters_by_end ON rosters (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE roster_mailboxes (
    roster_id   TEXT NOT NULL REFERENCES rosters (id),
    seq         BIGINT NOT NULL,
    -- The line of the table that was sent in.
    line        BIGINT NOT NULL,
    address_box BYTEA NOT NULL,
    verdict     TEXT REFERENCES verdict_words (id),
    cause       TEXT,
    checked_at  BIGINT,
    PRIMARY KEY (roster_id, seq)
);
CREATE INDEX roster_mailboxes_open ON roster_mailboxes (roster_id, seq) WHERE verdict IS NULL;
CREATE INDEX roster_mailboxes_by_cause ON roster_mailboxes (roster_id, verdict, cause, seq);
