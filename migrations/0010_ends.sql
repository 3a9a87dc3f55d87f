-- Whether a code was asked for by the link of an invitation. Whoever did so has typed no address, and is shown none.
ALTER TABLE sign_ins ADD COLUMN by_invitation BOOLEAN NOT NULL DEFAULT FALSE;

-- What the sealer does not sign on: since when, the last row that was ever signed, and the row where the chain ends now.
ALTER TABLE audit_sealer ADD COLUMN refused_at BIGINT;
ALTER TABLE audit_sealer ADD COLUMN signed_seq BIGINT;
ALTER TABLE audit_sealer ADD COLUMN found_seq BIGINT;
