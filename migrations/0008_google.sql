-- Google Workspace: a delegation to our own service account, or a key of the office's own. The first hands over nothing
-- secret: its drafts and attempts point at no row of secrets, and never will.
INSERT INTO access_kinds (id) VALUES ('google_delegated'), ('google_key');

-- What a credential is recognised by when it comes a second time, blinded; none where nothing is compared.
ALTER TABLE secrets ADD COLUMN likeness_key BYTEA;
CREATE INDEX secrets_by_likeness ON secrets (likeness_key) WHERE likeness_key IS NOT NULL;

INSERT INTO need_rules (id) VALUES ('shared_key');
