-- A brokerage that is not who it says it is can be refused: when, by whom, and why, for our own people.
ALTER TABLE brokerages ADD COLUMN refused_at BIGINT;
ALTER TABLE brokerages ADD COLUMN refused_by TEXT REFERENCES staff (id);
ALTER TABLE brokerages ADD COLUMN refusal_box BYTEA;
