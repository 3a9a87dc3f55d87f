-- Whether somebody chose how the mailboxes are reached. An office that goes no further before it has begun chose nothing.
ALTER TABLE connections ADD COLUMN kind_chosen BOOLEAN NOT NULL DEFAULT TRUE;
