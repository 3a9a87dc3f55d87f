-- Which mail system a brokerage's domain has, as far as public name servers and Microsoft's sign-in service tell it:
-- looked up by a worker before the first question is asked. What was seen is encrypted under the settings key.
CREATE TABLE recognitions (
    id           TEXT PRIMARY KEY,
    brokerage_id TEXT NOT NULL REFERENCES brokerages (id),
    domain       TEXT NOT NULL,
    asked_at     BIGINT NOT NULL,
    looked_at    BIGINT,
    seen_box     BYTEA,
    UNIQUE (brokerage_id, domain)
);
CREATE INDEX recognitions_by_age ON recognitions (asked_at);
