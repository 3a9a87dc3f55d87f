-- Microsoft 365 over Graph with a certificate. The other one is reserved for apps of our own to which an office only
-- consents: they have no secret of the office, so nothing else of the tables would change for them.
INSERT INTO access_kinds (id) VALUES ('graph_certificate'), ('graph_consent');

-- The certificate that goes with a sealed private key: what pages show and the office downloads.
ALTER TABLE secrets ADD COLUMN certificate_box BYTEA;
