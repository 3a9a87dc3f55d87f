-- That one of our own people looked at why two brokerages hand in the same key, and let it stand.
CREATE TABLE shared_keys (
    connection_id TEXT NOT NULL REFERENCES connections (id),
    -- The other brokerage: a third one with the same key is looked at again.
    brokerage_id  TEXT NOT NULL REFERENCES brokerages (id),
    staff_id      TEXT NOT NULL REFERENCES staff (id),
    reason_box    BYTEA NOT NULL,
    allowed_at    BIGINT NOT NULL,
    PRIMARY KEY (connection_id, brokerage_id)
);
