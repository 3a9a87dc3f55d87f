-- One text for SQLite and PostgreSQL: TEXT, BIGINT, BOOLEAN, BYTEA and nothing else.
-- Times are microseconds since 1970 in UTC. Ids are random texts with a prefix. Value lists are tables with
-- foreign keys. A column named *_sealed can be opened by the worker only; *_box is encrypted under the settings
-- key; *_key is a folded or blinded form for search and uniqueness.

CREATE TABLE access_kinds (id TEXT PRIMARY KEY);
INSERT INTO access_kinds (id) VALUES ('graph_secret');

CREATE TABLE connection_states (id TEXT PRIMARY KEY);
INSERT INTO connection_states (id) VALUES
    ('draft'), ('submitted'), ('failed'), ('verified'), ('compromised'), ('closed');

CREATE TABLE connection_moves (
    from_state TEXT NOT NULL REFERENCES connection_states (id),
    to_state   TEXT NOT NULL REFERENCES connection_states (id),
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO connection_moves (from_state, to_state) VALUES
    ('draft', 'draft'), ('draft', 'submitted'), ('draft', 'closed'),
    ('submitted', 'submitted'), ('submitted', 'failed'), ('submitted', 'verified'),
    ('submitted', 'compromised'), ('submitted', 'closed'),
    ('failed', 'submitted'), ('failed', 'compromised'), ('failed', 'closed'),
    ('verified', 'verified'), ('verified', 'failed'), ('verified', 'compromised'), ('verified', 'closed'),
    ('compromised', 'submitted'), ('compromised', 'closed'),
    ('closed', 'draft');

CREATE TABLE phases (id TEXT PRIMARY KEY);
INSERT INTO phases (id) VALUES ('queued'), ('checking'), ('waiting_for_provider'), ('needs_staff');

CREATE TABLE verdict_words (id TEXT PRIMARY KEY);
INSERT INTO verdict_words (id) VALUES
    ('passed'), ('passed_with_warnings'), ('failed'), ('waiting_for_provider'), ('could_not_tell');

CREATE TABLE outcomes (id TEXT PRIMARY KEY);
INSERT INTO outcomes (id) VALUES ('passed'), ('warning'), ('failed'), ('skipped');

CREATE TABLE check_origins (id TEXT PRIMARY KEY);
INSERT INTO check_origins (id) VALUES ('submission'), ('check_again'), ('schedule');

CREATE TABLE brokerage_origins (id TEXT PRIMARY KEY);
INSERT INTO brokerage_origins (id) VALUES ('self_started'), ('invited');

CREATE TABLE mail_states (id TEXT PRIMARY KEY);
INSERT INTO mail_states (id) VALUES
    ('pending'), ('sending'), ('accepted'), ('uncertain'), ('rejected'), ('held');

CREATE TABLE sign_in_ends (id TEXT PRIMARY KEY);
INSERT INTO sign_in_ends (id) VALUES ('known'), ('start'), ('newer'), ('sign_out');

-- Running numbers, one row each; moved inside the transaction that uses them.
CREATE TABLE counters (id TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counters (id, value) VALUES ('connection', 0);

CREATE TABLE brokerages (
    id            TEXT PRIMARY KEY,
    version       BIGINT NOT NULL,
    company       TEXT NOT NULL,
    company_key   TEXT NOT NULL,
    contact       TEXT NOT NULL,
    phone_box     BYTEA,
    brand         TEXT,
    origin        TEXT NOT NULL REFERENCES brokerage_origins (id),
    proven_domain TEXT NOT NULL,
    accepted_at   BIGINT,
    created_at    BIGINT NOT NULL
);
CREATE INDEX brokerages_by_time ON brokerages (created_at, id);

CREATE TABLE people (
    id           TEXT PRIMARY KEY,
    version      BIGINT NOT NULL,
    brokerage_id TEXT NOT NULL REFERENCES brokerages (id),
    name         TEXT NOT NULL,
    address_box  BYTEA NOT NULL,
    address_key  BYTEA NOT NULL,
    mail_domain  TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    removed_at   BIGINT
);
CREATE UNIQUE INDEX people_by_address ON people (address_key) WHERE removed_at IS NULL;
CREATE INDEX people_by_brokerage ON people (brokerage_id);

-- A sign-in that waits for its code. The cookie's value is not here: only its digest, and the code only as a
-- keyed digest over cookie and code, so a stolen table holds nothing that could be guessed.
CREATE TABLE sign_ins (
    id           TEXT PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    address_key  BYTEA NOT NULL,
    address_box  BYTEA NOT NULL,
    mail_domain  TEXT NOT NULL,
    code_mac     BYTEA NOT NULL,
    tries_left   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    proven_at    BIGINT,
    ended_at     BIGINT,
    ended_by     TEXT REFERENCES sign_in_ends (id),
    -- Whom it signed in: for a minute the same press in the same browser may do so again.
    person_id    TEXT REFERENCES people (id)
);
CREATE INDEX sign_ins_by_person ON sign_ins (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX sign_ins_by_browser ON sign_ins (browser_hash, created_at);
CREATE INDEX sign_ins_by_address ON sign_ins (address_key, created_at);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);

-- A window starts at its first use; the next use after its end starts the next one in the same row.
CREATE TABLE rate_limits (
    key          BYTEA PRIMARY KEY,
    window_start BIGINT NOT NULL,
    uses         BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL
);
CREATE INDEX rate_limits_by_end ON rate_limits (ends_at);

CREATE TABLE sessions (
    id_hash    BYTEA PRIMARY KEY,
    person_id  TEXT REFERENCES people (id),
    data       BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE connections (
    id              TEXT PRIMARY KEY,
    version         BIGINT NOT NULL,
    brokerage_id    TEXT NOT NULL REFERENCES brokerages (id),
    reference       TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    external_id     TEXT,
    external_id_key TEXT,
    kind            TEXT NOT NULL REFERENCES access_kinds (id),
    came_from       TEXT NOT NULL,
    state           TEXT NOT NULL,
    phase           TEXT REFERENCES phases (id),
    in_use_id       TEXT,
    candidate_id    TEXT,
    created_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    FOREIGN KEY (came_from, state) REFERENCES connection_moves (from_state, to_state)
);
CREATE UNIQUE INDEX connections_by_name ON connections (brokerage_id, name_key);
CREATE UNIQUE INDEX connections_by_external_id ON connections (brokerage_id, external_id_key);
CREATE INDEX connections_by_time ON connections (brokerage_id, created_at, id);

CREATE TABLE secrets (
    id            TEXT PRIMARY KEY,
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    field         TEXT NOT NULL,
    letters       BIGINT NOT NULL,
    value_sealed  BYTEA NOT NULL,
    sha256        BYTEA NOT NULL,
    key_id        TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    -- While it belongs to a draft: when the draft's hold on it ends.
    expires_at    BIGINT
);
CREATE INDEX secrets_by_expiry ON secrets (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX secrets_by_connection ON secrets (connection_id);

CREATE TABLE drafts (
    id             TEXT PRIMARY KEY,
    version        BIGINT NOT NULL,
    brokerage_id   TEXT NOT NULL REFERENCES brokerages (id),
    connection_id  TEXT NOT NULL UNIQUE REFERENCES connections (id),
    attempt_number BIGINT NOT NULL,
    answers_box    BYTEA NOT NULL,
    secret_id      TEXT UNIQUE REFERENCES secrets (id),
    session_hash   BYTEA,
    -- When a secret was entered last. Stays when its time is over, so that the page can say why it asks again.
    secret_at      BIGINT,
    updated_at     BIGINT NOT NULL
);
CREATE INDEX drafts_by_brokerage ON drafts (brokerage_id);

CREATE TABLE attempts (
    id            TEXT PRIMARY KEY,
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    number        BIGINT NOT NULL,
    kind          TEXT NOT NULL REFERENCES access_kinds (id),
    settings_box  BYTEA NOT NULL,
    secret_id     TEXT UNIQUE REFERENCES secrets (id),
    submitted_by  TEXT NOT NULL REFERENCES people (id),
    submitted_at  BIGINT NOT NULL,
    came_from     TEXT NOT NULL,
    state         TEXT NOT NULL,
    phase         TEXT REFERENCES phases (id),
    cause         TEXT,
    check_id      TEXT,
    decided_at    BIGINT,
    UNIQUE (connection_id, number),
    FOREIGN KEY (came_from, state) REFERENCES connection_moves (from_state, to_state)
);
CREATE INDEX attempts_with_secret ON attempts (decided_at) WHERE secret_id IS NOT NULL;

CREATE TABLE checks (
    id            TEXT PRIMARY KEY,
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    attempt_id    TEXT NOT NULL REFERENCES attempts (id),
    origin        TEXT NOT NULL REFERENCES check_origins (id),
    requested_by  TEXT REFERENCES people (id),
    run           BIGINT NOT NULL,
    rung          BIGINT NOT NULL,
    -- How many short pauses in a row led here, because the other side was busy.
    retries       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    started_at    BIGINT
);
CREATE INDEX checks_by_attempt ON checks (attempt_id, created_at, id);

-- One verdict a check, held by the primary key.
CREATE TABLE verdicts (
    check_id   TEXT PRIMARY KEY REFERENCES checks (id),
    run        BIGINT NOT NULL,
    verdict    TEXT NOT NULL REFERENCES verdict_words (id),
    cause      TEXT,
    warnings   TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);

CREATE TABLE check_steps (
    check_id   TEXT NOT NULL REFERENCES checks (id),
    run        BIGINT NOT NULL,
    seq        BIGINT NOT NULL,
    step_id    TEXT NOT NULL,
    title      TEXT NOT NULL,
    outcome    TEXT NOT NULL REFERENCES outcomes (id),
    elapsed_us BIGINT NOT NULL,
    cause      TEXT,
    facts_box  BYTEA NOT NULL,
    ended_at   BIGINT NOT NULL,
    PRIMARY KEY (check_id, run, seq)
);
CREATE INDEX check_steps_by_time ON check_steps (ended_at);

-- Each try of a secret at the provider, written before the bytes leave.
CREATE TABLE sign_in_tries (
    check_id    TEXT NOT NULL REFERENCES checks (id),
    run         BIGINT NOT NULL,
    account_key BYTEA NOT NULL,
    secret_id   TEXT NOT NULL,
    begun_at    BIGINT NOT NULL,
    answered_at BIGINT,
    accepted    BOOLEAN,
    PRIMARY KEY (check_id, run)
);
CREATE INDEX sign_in_tries_by_account ON sign_in_tries (account_key, begun_at);
CREATE INDEX sign_in_tries_by_secret ON sign_in_tries (secret_id, begun_at);
CREATE INDEX sign_in_tries_by_time ON sign_in_tries (begun_at);

CREATE TABLE jobs (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    brokerage_id TEXT,
    run_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    crashes      BIGINT NOT NULL,
    leased_by    TEXT,
    lease_token  BYTEA,
    lease_until  BIGINT,
    created_at   BIGINT NOT NULL,
    done_at      BIGINT,
    parked_at    BIGINT,
    last_error   TEXT
);
CREATE INDEX jobs_open ON jobs (kind, run_at, id) WHERE done_at IS NULL AND parked_at IS NULL;
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX jobs_done ON jobs (done_at) WHERE done_at IS NOT NULL;
CREATE UNIQUE INDEX jobs_one_open ON jobs (kind, subject) WHERE done_at IS NULL AND parked_at IS NULL;

CREATE TABLE mails (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    event_id      TEXT NOT NULL,
    brokerage_id  TEXT REFERENCES brokerages (id),
    recipient_key BYTEA NOT NULL,
    recipient_box BYTEA NOT NULL,
    message_id    TEXT NOT NULL,
    -- The finished bytes, so that a repeat is the same to the last byte. Of a sign-in code's mail only the browser
    -- that asked for it: the rest is made when it is sent.
    message_box   BYTEA,
    -- A sign-in code waits here as a sealed secret, until it was sent or its time is over.
    code_sealed   BYTEA,
    state         TEXT NOT NULL REFERENCES mail_states (id),
    -- How often the message began to leave.
    sends         BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    reply_box     BYTEA,
    UNIQUE (kind, event_id, recipient_key)
);
CREATE INDEX mails_by_brokerage ON mails (brokerage_id, created_at);
CREATE INDEX mails_by_time ON mails (created_at);
CREATE INDEX mails_with_code ON mails (created_at) WHERE code_sealed IS NOT NULL;
CREATE INDEX mails_with_bytes ON mails (created_at) WHERE message_box IS NOT NULL;

-- A form's key, its body's fingerprint and the answer it got: a double post gets the same answer.
CREATE TABLE form_keys (
    key        TEXT PRIMARY KEY,
    person_id  TEXT NOT NULL,
    body_hash  BYTEA NOT NULL,
    location   TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX form_keys_by_time ON form_keys (created_at);

CREATE TABLE audit (
    id           TEXT PRIMARY KEY,
    at           BIGINT NOT NULL,
    actor        TEXT NOT NULL,
    actor_id     TEXT,
    verb         TEXT NOT NULL,
    object       TEXT NOT NULL,
    brokerage_id TEXT,
    detail       TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_object ON audit (object, verb);
CREATE INDEX audit_by_brokerage ON audit (brokerage_id, at);
