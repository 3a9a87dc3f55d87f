-- A mailbox of a roster that lies outside what the credential may reach: opening it must be refused.
ALTER TABLE roster_mailboxes ADD COLUMN outside BOOLEAN NOT NULL DEFAULT FALSE;
