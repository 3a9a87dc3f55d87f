-- An external id names one connection of the whole installation, so that no other system can mistake one for another.
DROP INDEX connections_by_external_id;
CREATE UNIQUE INDEX connections_by_external_id ON connections (external_id_key);

-- Whether one of our own people closed a connection for its brokerage.
ALTER TABLE connections ADD COLUMN closed_by_us BOOLEAN NOT NULL DEFAULT FALSE;
