-- What somebody does for their brokerage. Nobody said anything else of those who are there: they coordinate.
CREATE TABLE duties (id TEXT PRIMARY KEY);
INSERT INTO duties (id) VALUES ('coordinator'), ('it_admin'), ('vendor');
ALTER TABLE people ADD COLUMN duty TEXT REFERENCES duties (id);
UPDATE people SET duty = 'coordinator';

-- People of a brokerage invite their colleagues too, so an invitation comes from one of ours or from one of them.
CREATE TABLE invitations_of_both (
    id                TEXT PRIMARY KEY,
    brokerage_id      TEXT NOT NULL REFERENCES brokerages (id),
    contact           TEXT NOT NULL,
    address_box       BYTEA NOT NULL,
    address_key       BYTEA NOT NULL,
    mail_domain       TEXT NOT NULL,
    token_hash        BYTEA NOT NULL UNIQUE,
    duty              TEXT REFERENCES duties (id),
    invited_by        TEXT REFERENCES staff (id),
    invited_by_person TEXT REFERENCES people (id),
    created_at        BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL,
    ended_at          BIGINT,
    ended_by          TEXT REFERENCES invitation_ends (id),
    person_id         TEXT REFERENCES people (id)
);
INSERT INTO invitations_of_both (id, brokerage_id, contact, address_box, address_key, mail_domain, token_hash, duty,
    invited_by, created_at, expires_at, ended_at, ended_by, person_id)
SELECT id, brokerage_id, contact, address_box, address_key, mail_domain, token_hash, 'coordinator',
    invited_by, created_at, expires_at, ended_at, ended_by, person_id
FROM invitations;
DROP TABLE invitations;
ALTER TABLE invitations_of_both RENAME TO invitations;
CREATE UNIQUE INDEX invitations_open ON invitations (address_key) WHERE ended_at IS NULL;
CREATE INDEX invitations_by_brokerage ON invitations (brokerage_id, created_at, id);
