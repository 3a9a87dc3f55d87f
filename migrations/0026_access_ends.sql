-- A request to look at a secret ends with the secret: it was renewed or withdrawn, or its connection was closed.
INSERT INTO access_ends (id) VALUES ('gone');

-- Whether the office said that the test mailbox is an ordinary user's who has opened it: the next attempt, which keeps the
-- mailbox, need not be told again.
ALTER TABLE attempts ADD COLUMN mailbox_used BOOLEAN NOT NULL DEFAULT FALSE;
