-- By what the outbox is asked: the brokerage that a mail is about, also where it goes to our own people; the recipient; the
-- domain of the recipient, blinded as the address is; the kind. Of mails from before this the domain is not known.
ALTER TABLE mails ADD COLUMN concerns_id TEXT REFERENCES brokerages (id);
ALTER TABLE mails ADD COLUMN domain_key BYTEA;
UPDATE mails SET concerns_id = COALESCE(brokerage_id, (SELECT brokerage_id FROM connections WHERE connections.id = mails.about));
CREATE INDEX mails_by_concern ON mails (concerns_id, created_at, id) WHERE concerns_id IS NOT NULL;
CREATE INDEX mails_by_recipient ON mails (recipient_key, created_at, id);
CREATE INDEX mails_by_domain ON mails (domain_key, created_at, id) WHERE domain_key IS NOT NULL;
CREATE INDEX mails_by_kind ON mails (kind, created_at, id);

-- A brokerage is found by the beginning of its name.
CREATE INDEX brokerages_by_beginning ON brokerages (company_key, id);
