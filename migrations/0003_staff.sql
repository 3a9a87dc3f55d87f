-- Our own people: kept once they have signed in, so that what they did keeps their name.
CREATE TABLE staff_role_words (id TEXT PRIMARY KEY);
INSERT INTO staff_role_words (id) VALUES
    ('reviewer'), ('account_manager'), ('support'), ('operations'), ('auditor'), ('owner');

-- One row for each account of the provider; an account is told by issuer and subject and by nothing else.
CREATE TABLE staff (
    id            TEXT PRIMARY KEY,
    issuer        TEXT NOT NULL,
    subject       TEXT NOT NULL,
    name          TEXT NOT NULL,
    address_box   BYTEA,
    first_seen_at BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);

-- The roles the provider told at the last sign-in. Somebody without a row may sign in no more.
CREATE TABLE staff_roles (
    staff_id TEXT NOT NULL REFERENCES staff (id),
    role     TEXT NOT NULL REFERENCES staff_role_words (id),
    PRIMARY KEY (staff_id, role)
);

CREATE TABLE staff_sessions (
    id_hash    BYTEA PRIMARY KEY,
    staff_id   TEXT REFERENCES staff (id),
    data       BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX staff_sessions_by_staff ON staff_sessions (staff_id);
CREATE INDEX staff_sessions_by_expiry ON staff_sessions (expires_at);

-- Sign-ins that came back from the provider: the digest of the browser's cookie, so that none comes back twice.
CREATE TABLE staff_returns (
    login_hash BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX staff_returns_by_expiry ON staff_returns (expires_at);
