-- Which steps of its guide an office has marked as done, for each attempt, whoever of its people did. A row is there or
-- not: marking a step twice, or in two tabs, changes nothing.
CREATE TABLE guide_ticks (
    connection_id  TEXT NOT NULL REFERENCES connections (id),
    attempt_number BIGINT NOT NULL,
    step_id        TEXT NOT NULL,
    brokerage_id   TEXT NOT NULL REFERENCES brokerages (id),
    ticked_at      BIGINT NOT NULL,
    PRIMARY KEY (connection_id, attempt_number, step_id)
);
CREATE INDEX guide_ticks_by_brokerage ON guide_ticks (brokerage_id);
