-- The names of a failed attempt that one of our own people allows once more, and why.
CREATE TABLE names_allowed (
    connection_id  TEXT NOT NULL REFERENCES connections (id),
    attempt_number BIGINT NOT NULL,
    brokerage_id   TEXT NOT NULL REFERENCES brokerages (id),
    staff_id       TEXT NOT NULL REFERENCES staff (id),
    reason_box     BYTEA NOT NULL,
    allowed_at     BIGINT NOT NULL,
    PRIMARY KEY (connection_id, attempt_number)
);
CREATE INDEX names_allowed_by_brokerage ON names_allowed (brokerage_id);
