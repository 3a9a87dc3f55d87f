-- Whether somebody of our people wants no single letters in the queue.
ALTER TABLE staff ADD COLUMN keys_off BOOLEAN NOT NULL DEFAULT FALSE;
