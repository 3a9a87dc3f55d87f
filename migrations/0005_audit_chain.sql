-- The audit's chain. A line is written in the transaction of what it tells, unchained, so that writers do not wait
-- for each other; one sealer appends what was committed: hash = SHA-256(0x00, the hash before, the line's fields).
CREATE TABLE audit_chain (
    seq      BIGINT PRIMARY KEY,
    audit_id TEXT NOT NULL UNIQUE REFERENCES audit (id),
    hash     BYTEA NOT NULL
);

-- Signed heads of the chain. Each covers the rows from the one before it up to its own, so none can go unnoticed.
CREATE TABLE audit_checkpoints (
    seq       BIGINT PRIMARY KEY REFERENCES audit_chain (seq),
    first_seq BIGINT NOT NULL,
    hash      BYTEA NOT NULL,
    at        BIGINT NOT NULL,
    key_id    TEXT NOT NULL,
    signature BYTEA NOT NULL
);

-- Lines that wait for the sealer.
CREATE TABLE audit_unsealed (audit_id TEXT PRIMARY KEY REFERENCES audit (id));
INSERT INTO audit_unsealed (audit_id) SELECT id FROM audit;

-- Who seals: one row, held by a lease. Whoever lost the token appends nothing any more.
CREATE TABLE audit_sealer (
    id          TEXT PRIMARY KEY,
    leased_by   TEXT,
    lease_token BYTEA,
    lease_until BIGINT
);
INSERT INTO audit_sealer (id) VALUES ('sealer');
