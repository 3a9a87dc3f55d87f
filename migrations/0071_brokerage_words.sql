-- What a brokerage is found by, whether it has a connection or not: its company, its contact, its people and whom it
-- invited, each from each of their words on, and their mail domains.
CREATE TABLE brokerage_words (
    word         TEXT NOT NULL,
    brokerage_id TEXT NOT NULL REFERENCES brokerages (id),
    PRIMARY KEY (word, brokerage_id)
);
INSERT INTO brokerage_words (word, brokerage_id)
WITH RECURSIVE
    places (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM places WHERE at < 200),
    names (name, brokerage_id) AS (
        SELECT company_key, id FROM brokerages
        UNION
        SELECT LOWER(contact), id FROM brokerages
        UNION
        SELECT LOWER(name), brokerage_id FROM people
        UNION
        SELECT LOWER(contact), brokerage_id FROM invitations
    )
SELECT SUBSTR(names.name, places.at + 1), names.brokerage_id
FROM names
JOIN places ON places.at = 0 OR (places.at < LENGTH(names.name) AND SUBSTR(names.name, places.at, 1) = ' ')
UNION
SELECT proven_domain, id FROM brokerages
UNION
SELECT mail_domain, brokerage_id FROM people
UNION
SELECT mail_domain, brokerage_id FROM invitations;

-- Since when a brokerage is here and has no connection; nothing once it has one.
ALTER TABLE brokerages ADD COLUMN unconnected_since BIGINT;
UPDATE brokerages SET unconnected_since = created_at
WHERE NOT EXISTS (SELECT 1 FROM connections WHERE connections.brokerage_id = brokerages.id);
CREATE INDEX brokerages_unconnected ON brokerages (unconnected_since, id) WHERE unconnected_since IS NOT NULL;

-- The number of a reference is what people read out: "0042" of "LKS-0042". What stands before it has four letters.
INSERT INTO connection_words (word, connection_id)
SELECT SUBSTR(reference, 5), id FROM connections WHERE LENGTH(reference) > 4
ON CONFLICT (word, connection_id) DO NOTHING;
