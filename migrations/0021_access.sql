-- Looking at a customer's secret. Somebody of ours asks; the brokerage approves, or a second operations person does; each
-- look points at that approval, so that no row of a look can stand without one.
CREATE TABLE access_ways (id TEXT PRIMARY KEY);
INSERT INTO access_ways (id) VALUES ('grant'), ('operations'), ('break_glass');

-- How long an approval may last, in minutes.
CREATE TABLE access_lengths (
    way     TEXT NOT NULL REFERENCES access_ways (id),
    minutes BIGINT NOT NULL,
    PRIMARY KEY (way, minutes)
);
INSERT INTO access_lengths (way, minutes) VALUES
    ('grant', 15), ('grant', 60), ('grant', 240),
    ('operations', 15), ('operations', 60), ('operations', 240),
    ('break_glass', 15), ('break_glass', 30);

CREATE TABLE access_ends (id TEXT PRIMARY KEY);
INSERT INTO access_ends (id) VALUES ('declined'), ('stopped'), ('withdrawn');

CREATE TABLE access_withheld (id TEXT PRIMARY KEY);
INSERT INTO access_withheld (id) VALUES
    ('not_allowed'), ('not_recorded'), ('nobody_told'), ('gone'), ('too_many'), ('late');

-- One field of one attempt: the secret's id stays here when the secret itself was deleted.
CREATE TABLE access_requests (
    id            TEXT PRIMARY KEY,
    version       BIGINT NOT NULL,
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    attempt_id    TEXT NOT NULL REFERENCES attempts (id),
    secret_id     TEXT NOT NULL,
    way           TEXT NOT NULL,
    minutes       BIGINT NOT NULL,
    asked_by      TEXT NOT NULL REFERENCES staff (id),
    why_box       BYTEA NOT NULL,
    asked_at      BIGINT NOT NULL,
    ended_by      TEXT REFERENCES access_ends (id),
    ended_at      BIGINT,
    -- Who ended it: somebody of the brokerage, or of ours.
    ended_person  TEXT REFERENCES people (id),
    ended_staff   TEXT REFERENCES staff (id),
    -- What was opened in an emergency is looked over by somebody who had no part in it.
    reviewed_by   TEXT REFERENCES staff (id),
    reviewed_at   BIGINT,
    review_box    BYTEA,
    FOREIGN KEY (way, minutes) REFERENCES access_lengths (way, minutes),
    UNIQUE (id, way, asked_by, secret_id, brokerage_id)
);
CREATE INDEX access_requests_by_brokerage ON access_requests (brokerage_id, asked_at, id);
CREATE INDEX access_requests_by_connection ON access_requests (connection_id, asked_at, id);
CREATE INDEX access_requests_unreviewed ON access_requests (way, asked_by) WHERE reviewed_at IS NULL;

-- Whoever approves for a brokerage is one of its people.
CREATE UNIQUE INDEX people_with_brokerage ON people (id, brokerage_id);

-- The approval: of one person of the brokerage, or of a second one of ours, and never of whoever asked. `mac` is a keyed
-- digest over all of it: a row that was written past the product counts for nothing.
CREATE TABLE access_grants (
    request_id   TEXT PRIMARY KEY,
    way          TEXT NOT NULL,
    asked_by     TEXT NOT NULL,
    secret_id    TEXT NOT NULL,
    brokerage_id TEXT NOT NULL,
    person_id    TEXT,
    second_id    TEXT REFERENCES staff (id),
    granted_at   BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL,
    mac          BYTEA NOT NULL,
    FOREIGN KEY (request_id, way, asked_by, secret_id, brokerage_id)
        REFERENCES access_requests (id, way, asked_by, secret_id, brokerage_id),
    FOREIGN KEY (person_id, brokerage_id) REFERENCES people (id, brokerage_id),
    UNIQUE (request_id, asked_by, secret_id),
    CHECK (ends_at > granted_at),
    CHECK ((way = 'grant' AND person_id IS NOT NULL AND second_id IS NULL)
        OR (way <> 'grant' AND person_id IS NULL AND second_id IS NOT NULL AND second_id <> asked_by))
);

-- One press of the button: at most one answer comes of it. Whoever looks is whoever asked.
CREATE TABLE access_looks (
    id          TEXT PRIMARY KEY,
    request_id  TEXT NOT NULL,
    secret_id   TEXT NOT NULL,
    staff_id    TEXT NOT NULL,
    at          BIGINT NOT NULL,
    -- When they had signed in for it.
    proven_at   BIGINT NOT NULL,
    mac         BYTEA NOT NULL,
    -- When the worker let it go, or why it did not.
    released_at BIGINT,
    withheld    TEXT REFERENCES access_withheld (id),
    FOREIGN KEY (request_id, staff_id, secret_id) REFERENCES access_grants (request_id, asked_by, secret_id)
);
CREATE INDEX access_looks_by_request ON access_looks (request_id, at, id);

-- The way from the worker to the one process that waits: sealed to a key that only its memory has. The row goes when it
-- is read for the first time, and after a minute in any case.
CREATE TABLE access_reveals (
    look_id      TEXT PRIMARY KEY REFERENCES access_looks (id),
    public_key   BYTEA NOT NULL,
    value_sealed BYTEA,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX access_reveals_by_end ON access_reveals (expires_at);

INSERT INTO need_rules (id) VALUES ('break_glass');
